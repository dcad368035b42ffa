/** The events page: what was found, what came since, and how it is spread over time and values. */
import {
  api,
  asFailure,
  body,
  type EventItem,
  type Facet,
  type Failure,
  type Histogram,
  isGivenUp,
} from "../api/client";
import { isOpen, moments, type Span } from "../query/span";
import { and } from "../query/terms";
import { type Before, countBefore } from "./comparison";
import { Live } from "./live.svelte";

const PAGE = 100;
/** What came in is kept for so many rows; beyond that the list is asked for anew. */
const WAITING = 500;
/** A list that has grown so long by what came in is cut, so that it does not grow for ever ... */
const LONG = 2_000;
/** ... to so many of the newest; the others are loaded again where somebody goes that far. */
const KEPT = 1_000;
/** The chart and the counts follow what comes in, but no faster than this, in milliseconds ... */
const REFRESH = 3_000;
/** ... and no more than a part of the time is spent on counting: one in so many. */
const SHARE = 5;
/** What was counted up to now is counted again after so long, whether anything comes in or not, in milliseconds. */
const LATER = 60_000;
/** Over so long it is told how many came in live, in milliseconds. */
const MINUTE = 60_000;
export const FACETS = ["severity", "kind", "state", "outcome", "source", "host", "service", "rule"] as const;

export class Events {
  items: EventItem[] = $state.raw([]);
  /** What came in since, the newest first, and is not shown yet. */
  waiting: EventItem[] = $state.raw([]);
  histogram: Histogram | null = $state.raw(null);
  /** The time before, to compare with; null until it is counted. */
  before: Before | null = $state.raw(null);
  facets: Facet[] = $state.raw([]);
  failure: Failure | null = $state.raw(null);
  loading = $state(true);
  /** When the newest event of the domain was recorded, whatever is searched for; null for never. */
  newest: string | null = $state(null);
  live = new Live(
    (found) => this.#take(found),
    () => {
      void this.search(this.#q, this.#span);
      void this.also();
    },
  );
  /** Whether what comes in is shown at once: nobody reads, so nothing moves under their eyes. */
  idle = () => false;
  /** What else is brought up to date as the counts are. */
  also = async () => {};

  /** When so many came in live. */
  #arrivals: readonly { at: number; number: number }[] = $state.raw([]);
  #q = "";
  #span: Span = { from: "", to: "" };
  /** What finds the next page; null where there is none. */
  #next: { q: string; cursor: string | null } | null = null;
  #request = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #later: ReturnType<typeof setTimeout> | undefined;
  /** How many counts there were. */
  #turn = 0;
  /** How long the last count took, in milliseconds. */
  #took = 0;

  /** Searches, and follows from there on. */
  async search(q: string, span: Span): Promise<void> {
    this.stop();
    this.#q = q;
    this.#span = span;
    this.#request = new AbortController();
    const { signal } = this.#request;
    this.loading = true;
    this.failure = null;
    this.#arrivals = [];
    const counts = this.#count(signal, true);
    try {
      // Whatever is recorded after this one comes by the stream, which begins before the search does.
      const first = await body(api.GET("/api/v1/events", { params: { query: { limit: 1 } }, signal }));
      const after = first.items[0]?.seq ?? 0;
      this.newest = first.items[0]?.recorded_at ?? null;
      this.items = await this.#page({ q, cursor: null }, signal);
      this.waiting = [];
      if (isOpen(span)) this.live.start(q, after);
    } catch (fault) {
      if (isGivenUp(fault)) return;
      this.failure = asFailure(fault);
    }
    this.loading = false;
    if (isOpen(span) && !signal.aborted) this.#lookLater();
    await counts;
  }

  /** Loads the next page, if there is one. */
  async more(): Promise<void> {
    if (this.loading || !this.#next) return;
    this.loading = true;
    const { signal } = this.#request;
    try {
      const older = await this.#page(this.#next, signal);
      this.items = [...this.items, ...older];
    } catch (fault) {
      if (isGivenUp(fault)) return;
      this.failure = asFailure(fault);
    }
    this.loading = false;
  }

  /** Says whether there are older ones than those that were loaded. */
  get hasMore(): boolean {
    return this.#next !== null;
  }

  /** Shows what came in. */
  show(): void {
    if (this.waiting.length >= WAITING) {
      void this.search(this.#q, this.#span);
      return;
    }
    const known = new Set(this.items.slice(0, WAITING).map((event) => event.seq));
    const items = [...this.waiting.filter((event) => !known.has(event.seq)), ...this.items];
    // What is being loaded goes below what is there now.
    this.items = items.length < LONG || this.loading ? items : this.#cut(items);
    this.waiting = [];
  }

  /** Says how many came in live in the last minute. */
  lately(now: number): number {
    return this.#arrivals.reduce((sum, { at, number }) => sum + (at > now - MINUTE ? number : 0), 0);
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#request.abort();
    this.live.stop();
    clearTimeout(this.#timer);
    clearTimeout(this.#later);
    this.#timer = undefined;
  }

  /** Counts again after a while, for what is over by then; what could not be searched for is searched again. */
  #lookLater(): void {
    this.#later = setTimeout(() => {
      if (this.failure?.mayPass) {
        void this.search(this.#q, this.#span);
        void this.also();
        return;
      }
      if (document.visibilityState === "visible" && !this.failure) this.#recount();
      this.#lookLater();
    }, LATER);
  }

  #recount(): void {
    void this.#count(this.#request.signal, false);
    void this.also();
  }

  async #page(from: { q: string; cursor: string | null }, signal: AbortSignal): Promise<EventItem[]> {
    const { q, cursor } = from;
    const query = { q, ...this.#bounds, limit: PAGE, ...(cursor ? { cursor } : {}) };
    const page = await body(api.GET("/api/v1/events", { params: { query }, signal }));
    this.#next = page.next ? { q, cursor: page.next } : null;
    return page.items;
  }

  #cut(items: EventItem[]): EventItem[] {
    const kept = items.slice(0, KEPT);
    this.#next = { q: and(this.#q, `seq<${kept.at(-1)!.seq}`), cursor: null };
    return kept;
  }

  get #bounds(): { from: string; to?: string } {
    return { from: this.#span.from, ...(this.#span.to ? { to: this.#span.to } : {}) };
  }

  /**
   * Counts what is found; an answer that comes after that of a later count is not shown. What was asked for now is
   * drawn at once, and compared with the time before when the facets, which take longest, are there too. Else the
   * chart changes with the time before.
   */
  async #count(signal: AbortSignal, isNew: boolean): Promise<void> {
    const began = performance.now();
    const turn = ++this.#turn;
    const isLatest = () => !signal.aborted && turn === this.#turn;
    const query = { q: this.#q, ...this.#bounds };
    const each = { ...query, fields: FACETS.join(","), limit: 8 };
    const facets = body(api.GET("/api/v1/events/facets", { params: { query: each }, signal })).then(
      (found) => {
        if (isLatest()) this.facets = found.items;
      },
    );
    const chart = body(api.GET("/api/v1/events/histogram", { params: { query }, signal })).then(
      async (found) => {
        if (isNew) {
          if (isLatest()) [this.histogram, this.before] = [found, null];
          await facets.catch(() => undefined);
        }
        const before = await countBefore(this.#q, this.#span, found, signal).catch(() => null);
        if (isLatest()) [this.histogram, this.before] = [found, before];
      },
    );
    // What is wrong with the expression is told by the search.
    await Promise.allSettled([facets, chart]);
    this.#took = performance.now() - began;
  }

  #take(found: EventItem[]): void {
    const [start] = moments(this.#span, Date.now());
    const fits = found.filter((event) => Date.parse(event.time ?? "") >= start);
    this.newest = found.at(-1)?.recorded_at ?? this.newest;
    if (!fits.length) return;
    const now = Date.now();
    this.#arrivals = [
      ...this.#arrivals.filter(({ at }) => at > now - MINUTE),
      { at: now, number: fits.length },
    ];
    this.waiting = [...fits.reverse(), ...this.waiting].slice(0, WAITING);
    if (!this.items.length || this.idle()) this.show();
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#recount();
      },
      Math.max(REFRESH, SHARE * this.#took),
    );
  }
}
