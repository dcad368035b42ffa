/** Follows events live, for as many as want to by one connection, and resumes without a gap where it breaks. */
import { createParser } from "eventsource-parser";
import type { EventItem } from "./client";
import { mayPass } from "./trouble";

const EVENTS = "/api/v1/events";
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 15_000;
/** Tocsin says something at least every 15 seconds, so a stream that is silent for this long is broken. */
const SILENCE = 40_000;
/** Events are handed on together, so that a storm of them does not draw the page anew for each. */
const TOGETHER = 100;

export interface Listener {
  /** Events, the oldest first. */
  events(found: EventItem[]): void;
  /** The stream runs; whether something may have come between, since it broke before it had a number. */
  live(missed: boolean): void;
  /** The stream broke, and is tried again after that many milliseconds. */
  broken(delay: number): void;
  /** The stream was refused with a status of HTTP that says it always will be, and is not tried again. */
  refused(status: number): void;
}

export interface Following {
  /** Ends it, and gives the number to go on after. */
  stop(): number | null;
  /** Tries at once to connect again. */
  retry(): void;
}

type Told = EventItem & { matches?: number[] };

/** Somebody who follows an expression. */
interface Follower {
  q: string;
  last: number | null;
  listener: Listener;
  gathered: EventItem[];
  timer?: ReturnType<typeof setTimeout> | undefined;
}

class Refused extends Error {
  constructor(readonly status: number) {
    super();
  }
}

/** Gives an answer that is none of a server in trouble, or of one that is asked too much: that may pass. */
async function ask(url: string, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(url, signal ? { signal } : {});
  if (mayPass(response.status)) throw new Error(`status ${response.status}`);
  return response;
}

export class Stream {
  #followers = new Set<Follower>();
  #connection = new AbortController();
  #changing: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  #broke = false;
  #delay = FIRST_DELAY;
  #wake = () => {};

  /**
   * Follows the events that match an expression.
   * @param q the expression
   * @param after begins after the event with this number; null for now
   * @param listener is told what happens
   */
  follow(q: string, after: number | null, listener: Listener): Following {
    const follower: Follower = { q, last: after, listener, gathered: [] };
    this.#followers.add(follower);
    this.#change();
    return {
      stop: () => {
        this.#hand(follower);
        if (!this.#followers.delete(follower)) return follower.last;
        // A page that is left has no later moment to hang up in.
        if (!this.#followers.size) this.#reconnect();
        else if (!this.#expressions.includes(q)) this.#change();
        return follower.last;
      },
      retry: () => this.#wake(),
    };
  }

  get #expressions(): string[] {
    return [...new Set([...this.#followers].map(({ q }) => q))];
  }

  /** Connects anew for those who follow now; once where several come together. */
  #change(): void {
    this.#changing ??= setTimeout(() => this.#reconnect(), 0);
  }

  #reconnect(): void {
    clearTimeout(this.#changing);
    this.#changing = undefined;
    this.#connection.abort();
    this.#wake();
    if (!this.#running) void this.#run();
  }

  #hand(follower: Follower): void {
    clearTimeout(follower.timer);
    follower.timer = undefined;
    const found = follower.gathered;
    follower.gathered = [];
    if (found.length && this.#followers.has(follower)) follower.listener.events(found);
  }

  #tell(tell: (listener: Listener) => void): void {
    for (const { listener } of [...this.#followers]) tell(listener);
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#followers.size) {
      this.#connection = new AbortController();
      const { signal } = this.#connection;
      try {
        await this.#listen(signal);
      } catch (fault) {
        if (!signal.aborted && fault instanceof Refused && (await this.#refuse(fault.status))) continue;
      }
      if (signal.aborted) continue;
      this.#broke = true;
      this.#tell((listener) => listener.broken(this.#delay));
      await this.#wait(this.#delay);
      this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
    }
    this.#running = false;
    this.#broke = false;
    this.#delay = FIRST_DELAY;
  }

  #wait(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = setTimeout(resolve, delay);
      this.#wake = () => {
        clearTimeout(waiting);
        resolve();
      };
    });
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const followers = [...this.#followers];
    const expressions = this.#expressions;
    const beginning = followers.filter(({ last }) => last === null);
    if (beginning.length) {
      const now = await newest(signal);
      for (const follower of beginning) follower.last = now;
    }
    const query = new URLSearchParams(expressions.map((q) => ["q", q]));
    query.set("after", String(Math.min(...followers.map(({ last }) => last!))));
    const response = await ask(`${EVENTS}/stream?${query}`, signal);
    if (!response.ok) throw new Refused(response.status);
    for (const follower of followers) follower.listener.live(this.#broke && beginning.includes(follower));
    this.#broke = false;
    this.#delay = FIRST_DELAY;
    const parser = createParser({
      onEvent: ({ event, data }) => {
        if (event === "event") this.#take(JSON.parse(data) as Told, followers, expressions);
      },
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const watch = setTimeout(() => void reader.cancel(), SILENCE);
      const { done, value } = await reader.read().finally(() => clearTimeout(watch));
      if (done || signal.aborted) return;
      parser.feed(value);
    }
  }

  /** Gathers an event for those who want it; for the others, too, the stream has come so far. */
  #take(event: Told, followers: Follower[], expressions: string[]): void {
    const matching = event.matches?.map((place) => expressions[place]) ?? expressions;
    for (const follower of followers) {
      if (event.seq <= follower.last!) continue;
      follower.last = event.seq;
      if (!matching.includes(follower.q)) continue;
      follower.gathered.push(event);
      follower.timer ??= setTimeout(() => this.#hand(follower), TOGETHER);
    }
  }

  /**
   * Lets those go who are refused: where it is about one of several expressions, only who follows that.
   * Gives whether it is known who that is.
   */
  async #refuse(status: number): Promise<boolean> {
    let refused = this.#expressions;
    if (status === 400 && refused.length > 1) {
      const wrong = await Promise.all(refused.map(isWrong)).catch(() => null);
      if (!wrong) return false;
      if (wrong.includes(true)) refused = refused.filter((_, place) => wrong[place]);
    }
    for (const follower of [...this.#followers]) {
      if (!refused.includes(follower.q)) continue;
      this.#followers.delete(follower);
      follower.listener.refused(status);
    }
    return true;
  }
}

/** Says whether an expression alone is refused. */
async function isWrong(q: string): Promise<boolean> {
  const query = new URLSearchParams({ q, limit: "1" });
  return (await ask(`${EVENTS}?${query}`)).status === 400;
}

/** Gives the number of the newest event, 0 where there is none. */
async function newest(signal: AbortSignal): Promise<number> {
  const response = await ask(`${EVENTS}?limit=1`, signal);
  if (!response.ok) throw new Refused(response.status);
  const page = (await response.json()) as { items: EventItem[] };
  return page.items[0]?.seq ?? 0;
}
