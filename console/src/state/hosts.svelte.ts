/** The hosts page: what was found of hosts and services, as it stands now. */
import { api, asFailure, body, type Failure, isGivenUp, type ObjectItem } from "../api/client";
import { and } from "../query/terms";

const PAGE = 100;
/** What was loaded is looked at anew together, if it is no more than this. */
const MOST = 1_000;
/** How often it is looked again, in milliseconds. */
const OFTEN = 15_000;

/** Which of them are shown. */
export const SHOWN = { all: "", trouble: "state!=ok state!=up" } as const;
export type Shown = keyof typeof SHOWN;

export class Hosts {
  items: ObjectItem[] = $state.raw([]);
  failure: Failure | null = $state.raw(null);
  loading = $state(true);

  #q = "";
  #next: string | null = null;
  #request = new AbortController();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Shows what an expression finds, and looks again from time to time. */
  async show(q: string, shown: Shown): Promise<void> {
    this.stop();
    this.#q = and(q, SHOWN[shown]);
    this.#request = new AbortController();
    this.loading = true;
    this.failure = null;
    await this.#look("", PAGE, (found) => {
      this.items = found;
    });
    this.#timer = setInterval(() => void this.refresh(), OFTEN);
  }

  /** Loads the next page, if there is one. */
  async more(): Promise<void> {
    if (this.loading || !this.#next) return;
    this.loading = true;
    await this.#look(this.#next, PAGE, (found) => {
      this.items = [...this.items, ...found];
    });
  }

  /** Looks again, unless it is more than can be looked at together, or nobody looks. */
  async refresh(): Promise<void> {
    if (this.loading || this.items.length > MOST || document.visibilityState !== "visible") return;
    await this.#look("", Math.max(PAGE, this.items.length), (found) => {
      this.items = found;
      this.failure = null;
    });
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#request.abort();
    clearInterval(this.#timer);
  }

  async #look(cursor: string, limit: number, place: (found: ObjectItem[]) => void): Promise<void> {
    const { signal } = this.#request;
    const query = { q: this.#q, limit, cursor };
    try {
      const page = await body(api.GET("/api/v1/objects", { params: { query }, signal }));
      place(page.items);
      this.#next = page.next;
    } catch (fault) {
      if (isGivenUp(fault)) return;
      this.failure = asFailure(fault);
    }
    this.loading = false;
  }
}
