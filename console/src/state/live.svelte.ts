/** The live stream of a page: whether it runs, and since when it does not. */
import type { EventItem } from "../api/client";
import { follow } from "../api/sharing";
import type { Following } from "../api/stream";

/** A page that nobody looks at for so long, in milliseconds, gives its connection back: a browser has six for a server. */
const UNSEEN = 1_000;
/** Who comes back after so long, in milliseconds, wants what is now and not all that has been meanwhile. */
const STALE = 600_000;

export class Live {
  status: "off" | "live" | "broken" | "refused" = $state("off");
  /** When it broke, in milliseconds since 1970. */
  brokenAt = $state(0);
  #following: Following | undefined;
  #q = "";
  #last: number | null = null;
  #events: (found: EventItem[]) => void;
  #again: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #leftAt = 0;

  /**
   * @param events takes what comes, the oldest first
   * @param again begins anew, where too much has been missed to be caught up with, or nobody knows what
   */
  constructor(events: (found: EventItem[]) => void, again: () => void) {
    this.#events = events;
    this.#again = again;
  }

  /** Follows an expression, after the event with a number or, with null, from now on. */
  start(q: string, after: number | null): void {
    this.stop();
    this.#q = q;
    this.#last = after;
    document.addEventListener("visibilitychange", this.#seen);
    window.addEventListener("pagehide", this.#left);
    window.addEventListener("pageshow", this.#seen);
    if (document.visibilityState === "visible") this.#connect();
    else this.#leftAt = Date.now();
  }

  /** Ends it. */
  stop(): void {
    document.removeEventListener("visibilitychange", this.#seen);
    window.removeEventListener("pagehide", this.#left);
    window.removeEventListener("pageshow", this.#seen);
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
      live: (missed) => {
        this.status = "live";
        if (missed) this.#again();
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

  /** Gives the connection back; a page that is kept to come back to would hold it otherwise. */
  #pause = (): void => {
    clearTimeout(this.#timer);
    this.#last = this.#following?.stop() ?? this.#last;
    this.#following = undefined;
  };

  #left = (): void => {
    this.#leftAt = Date.now();
    this.#pause();
  };

  #seen = (): void => {
    clearTimeout(this.#timer);
    if (document.visibilityState === "visible") {
      if (this.#following) return;
      if (this.#last === null || Date.now() - this.#leftAt > STALE) this.#again();
      else this.#connect();
    } else if (this.#following) {
      this.#leftAt = Date.now();
      this.#timer = setTimeout(this.#pause, UNSEEN);
    }
  };
}
