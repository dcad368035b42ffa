/** What was asked for last: the answer before stays in place until the next is there. */
import { messageOf } from "../api/client";

export class Latest<T> {
  value: T | null = $state.raw(null);
  failure = $state("");
  #asked: Promise<T> | undefined;

  /** Waits for an answer, and forgets those that were asked for earlier. */
  take(asked: Promise<T>): void {
    this.#asked = asked;
    asked.then(
      (value) => {
        if (this.#asked !== asked) return;
        this.value = value;
        this.failure = "";
      },
      (fault: unknown) => {
        if (this.#asked === asked) this.failure = messageOf(fault);
      },
    );
  }
}
