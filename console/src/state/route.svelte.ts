/** Where one is: the address holds the whole state of a page, so that it can be shared. */
class Route {
  path = $state(location.pathname);
  params = $state(new URLSearchParams(location.search));

  constructor() {
    addEventListener("popstate", () => this.#read());
    document.addEventListener("click", (click) => this.#follow(click));
  }

  /** Goes to another page. */
  go(path: string, params: URLSearchParams = new URLSearchParams()): void {
    history.pushState(null, "", addressOf(path, params));
    this.#read();
  }

  /** Goes to another page in place of this one: the step back leads to where one was before. */
  replace(path: string): void {
    history.replaceState(null, "", path);
    this.#read();
  }

  /**
   * Changes parameters of the page; '' takes one away.
   * @param changes the new values by name
   * @param options replace: the step back leads to where one was before
   */
  set(changes: Record<string, string>, options: { replace?: boolean } = {}): void {
    const params = new URLSearchParams(this.params);
    for (const [name, value] of Object.entries(changes)) {
      if (value) params.set(name, value);
      else params.delete(name);
    }
    const address = addressOf(this.path, params);
    if (options.replace) history.replaceState(null, "", address);
    else if (address !== location.pathname + location.search) history.pushState(null, "", address);
    this.#read();
  }

  /** Gives a parameter, '' where it is not set. */
  get(name: string): string {
    return this.params.get(name) ?? "";
  }

  #read(): void {
    this.path = location.pathname;
    this.params = new URLSearchParams(location.search);
  }

  #follow(click: MouseEvent): void {
    if (
      click.defaultPrevented ||
      click.button ||
      click.metaKey ||
      click.ctrlKey ||
      click.shiftKey ||
      click.altKey
    )
      return;
    const link = (click.target as Element).closest?.("a");
    if (!link || link.target || link.origin !== location.origin || link.hash || link.hasAttribute("download"))
      return;
    click.preventDefault();
    this.go(link.pathname, new URLSearchParams(link.search));
  }
}

function addressOf(path: string, params: URLSearchParams): string {
  const query = params.toString();
  return query ? `${path}?${query}` : path;
}

export const route = new Route();
