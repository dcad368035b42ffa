/** The keys that do something now: pages name theirs, and the help lists them all. */
import { untrack } from "svelte";

export interface Shortcut {
  /** As `KeyboardEvent.key` says it; of two in a row, with a space between; with Ctrl or Cmd, as `Ctrl-K`. */
  keys: readonly string[];
  does: string;
  act(): void;
}

const SEQUENCE = 1_200;

class Keys {
  #groups: readonly (readonly Shortcut[])[] = $state.raw([]);
  #before = "";
  #beforeAt = 0;

  constructor() {
    document.addEventListener("keydown", (pressed) => this.#press(pressed));
  }

  /** All that there are, the page's own last. */
  get all(): Shortcut[] {
    return this.#groups.flat();
  }

  /** Adds some, and gives what takes them away again. */
  use(group: readonly Shortcut[]): () => void {
    this.#groups = [...untrack(() => this.#groups), group];
    return () => {
      this.#groups = this.#groups.filter((each) => each !== group);
    };
  }

  #press(pressed: KeyboardEvent): void {
    if (pressed.altKey || pressed.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (pressed.ctrlKey || pressed.metaKey) {
      const held = this.all.findLast((each) => each.keys.includes(`Ctrl-${pressed.key.toUpperCase()}`));
      if (held) pressed.preventDefault();
      held?.act();
      return;
    }
    if (isTyping(pressed.target)) return;
    const pair = performance.now() - this.#beforeAt < SEQUENCE ? `${this.#before} ${pressed.key}` : "";
    this.#before = pressed.key;
    this.#beforeAt = performance.now();
    const has = (key: string) => this.all.findLast((each) => each.keys.includes(key));
    const found = (pair && has(pair)) || has(pressed.key);
    if (!found || ((pressed.key === "Enter" || pressed.key === " ") && isControl(pressed.target))) return;
    pressed.preventDefault();
    found.act();
  }
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && target.type !== "checkbox")
  );
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, a, summary, input") !== null;
}

export const keys = new Keys();
