/** Follows events live, and resumes without a gap where the stream breaks. */
import { createParser } from "eventsource-parser";
import { type EventItem, Failure, sessionEnded } from "./client";

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
  /** The stream was refused, and is not tried again. */
  refused(failure: Failure): void;
}

/**
 * Follows the events that match an expression.
 * @param q the expression
 * @param after begins after the event with this number; null for now
 * @param listener is told what happens
 * @returns ends it, and gives the number to go on after
 */
export function follow(
  q: string,
  after: number | null,
  listener: Listener,
): { stop(): number | null; retry(): void } {
  let last = after;
  let stopped = false;
  let broke = false;
  let delay = FIRST_DELAY;
  let connection = new AbortController();
  let wake = () => {};
  let gathered: EventItem[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function hand() {
    timer = undefined;
    const found = gathered;
    gathered = [];
    if (found.length && !stopped) listener.events(found);
  }

  const parser = createParser({
    onEvent(message) {
      if (message.event !== "event") return;
      const event = JSON.parse(message.data) as EventItem;
      if (last !== null && event.seq <= last) return;
      last = event.seq;
      gathered.push(event);
      timer ??= setTimeout(hand, TOGETHER);
    },
  });

  async function listen() {
    const query = new URLSearchParams(last === null ? { q } : { q, after: String(last) });
    const response = await fetch(`/api/v1/events/stream?${query}`, { signal: connection.signal });
    if (!response.ok) {
      if (response.status === 401) sessionEnded();
      throw new Failure(response.status, await response.json().catch(() => ({})));
    }
    parser.reset();
    listener.live(broke && last === null);
    broke = false;
    delay = FIRST_DELAY;
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const watch = setTimeout(() => void reader.cancel(), SILENCE);
      const { done, value } = await reader.read().finally(() => clearTimeout(watch));
      if (done) return;
      parser.feed(value);
    }
  }

  async function run() {
    while (!stopped) {
      connection = new AbortController();
      try {
        await listen();
      } catch (fault) {
        if (!stopped && fault instanceof Failure && fault.status >= 400 && fault.status < 500) {
          listener.refused(fault);
          return;
        }
      }
      if (stopped) return;
      broke = true;
      listener.broken(delay);
      await new Promise<void>((resolve) => {
        const waiting = setTimeout(resolve, delay);
        wake = () => {
          clearTimeout(waiting);
          resolve();
        };
      });
      delay = Math.min(delay * 2, LONGEST_DELAY);
    }
  }

  void run();
  return {
    stop() {
      hand();
      stopped = true;
      clearTimeout(timer);
      connection.abort();
      wake();
      return last;
    },
    retry: () => wake(),
  };
}
