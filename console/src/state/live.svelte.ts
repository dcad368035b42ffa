/** The live stream of a page: whether it runs, and since when it does not. */
import type { EventItem } from "../api/client";
import { type follow as Follow, follow } from "../api/stream";

/** A page that nobody looks at for so long gives its connection back: a browser has six for a server. */
const UNSEEN = 30_000;

export class Live {
  status: "off" | "live" | "broken" | "refused" = $state("off");
  /** When it broke, in milliseconds since 1970. */
  brokenAt = $state(0);
  #following: ReturnType<typeof Follow> | undefined;
  #q = "";
  #last: number | null = null;
  #events: (found: EventItem[]) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param events takes what comes, the oldest first */
  constructor(events: (found: EventItem[]) => void) {
    this.#events = events;
  }

  /** Follows an expression, after the event with a number or, with null, from now on. */
  start(q: string, after: number | null): void {
    this.stop();
    this.#q = q;
    this.#last = after;
    document.addEventListener("visibilitychange", this.#seen);
    this.#connect();
  }

  /** Ends it. */
  stop(): void {
    document.removeEventListener("visibilitychange", this.#seen);
    clearTimeout(this.#timer);
    this.#following?.stop();
    this.#following = undefined;
    this.status = "off";
  }

  /** Tries at once to connect again. */
  retry(): void {
    this.#following?.retry();
  }

  #connect(): void {
    this.#following = follow(this.#q, this.#last, {
      events: this.#events,
      live: () => {
        this.status = "live";
      },
      broken: () => {
        if (this.status !== "broken") this.brokenAt = Date.now();
        this.status = "broken";
      },
      refused: () => {
        this.status = "refused";
      },
    });
  }

  #seen = (): void => {
    clearTimeout(this.#timer);
    if (document.visibilityState === "visible") {
      if (!this.#following) this.#connect();
    } else {
      this.#timer = setTimeout(() => {
        this.#last = this.#following?.stop() ?? this.#last;
        this.#following = undefined;
      }, UNSEEN);
    }
  };
}
