/** The alerts page: what is found, in an order that stays while somebody works on it. */
import { type AlertItem, api, asFailure, body, type Facet, type Failure, isGivenUp } from "../api/client";
import { SEVERITIES } from "../query/severities";
import { and } from "../query/terms";
import { type Order, patched, sorted, unique } from "../query/triage";
import { Live } from "./live.svelte";

/** So many alerts are shown at most: the worst ones. */
export const MOST = 1_000;
const FIELDS = ["severity", "source", "host", "service", "rule", "assignee", "acknowledged_by"];
/** What changes a board at once; the rest, such as how often a problem was reported, may wait. */
const CHANGES =
  "outcome=opened OR outcome=acknowledged OR outcome=resolved OR kind=acknowledgement_end OR kind=error OR kind=note";
const SOON = 700;
const LATER = 20_000;
/** No more than a part of the time is spent on looking: one in so many. */
const SHARE = 5;

/** Which alerts are shown. */
export const SHOWN = {
  open: "state!=resolved",
  unacknowledged: "state=open",
  acknowledged: "state=acknowledged",
  resolved: "state=resolved",
  all: "",
} as const;
export type Shown = keyof typeof SHOWN;

export class Board {
  alerts: AlertItem[] = $state.raw([]);
  /** Those of them that are not found any more: resolved, most of them. */
  gone: ReadonlySet<string> = $state.raw(new Set());
  /** How many are found now and not shown yet. */
  waiting = $state(0);
  total = $state(0);
  states: Record<string, number> = $state.raw({});
  facets: Facet[] = $state.raw([]);
  failure: Failure | null = $state.raw(null);
  loading = $state(true);
  newest: string | null = $state(null);
  live = new Live(
    () => this.#soon(Math.max(SOON, SHARE * this.#took)),
    () => void this.show(this.#q, this.#shown, this.#order, this.#listed),
  );
  /** Whether the list may be put into order anew: nobody works on it. */
  idle = () => false;
  /** What else is brought up to date as the alerts are. */
  also = async () => {};

  #q = "";
  #shown: Shown = "open";
  #order: Order = "urgent";
  #listed = true;
  #found: AlertItem[] = [];
  #request = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  /** How long the last look took, in milliseconds. */
  #took = 0;

  /** What finds the shown alerts. */
  get q(): string {
    return and(this.#q, SHOWN[this.#shown]);
  }

  /**
   * Shows other alerts, and follows what becomes of them.
   * @param listed whether they are listed; else only counted
   */
  async show(q: string, shown: Shown, order: Order, listed = true): Promise<void> {
    this.stop();
    this.#q = q;
    this.#shown = shown;
    this.#order = order;
    this.#listed = listed;
    this.#request = new AbortController();
    const { signal } = this.#request;
    this.loading = true;
    this.failure = null;
    await this.#attempt(async () => {
      const first = await body(api.GET("/api/v1/events", { params: { query: { limit: 1 } }, signal }));
      this.newest = first.items[0]?.recorded_at ?? null;
      await this.#load(signal, () => {
        this.arrange();
        this.loading = false;
        this.live.start(CHANGES, first.items[0]?.seq ?? 0);
        this.#soon(LATER);
      });
    });
    if (signal.aborted) return;
    this.loading = false;
    if (this.#isToTry) this.#timer = setTimeout(() => void this.show(q, shown, order, listed), LATER);
  }

  /** Whether nothing could be shown, for a reason that may pass. */
  get #isToTry(): boolean {
    return (this.failure?.mayPass ?? false) && this.live.status === "off";
  }

  /** Looks again, without moving what is shown unless nobody works on it. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
    const { signal } = this.#request;
    await this.#attempt(async () => {
      await this.#load(signal, () => {
        this.failure = null;
        if (this.idle() || !this.alerts.length) this.arrange();
        else this.#patch();
      });
    });
    if (!signal.aborted) this.#soon(LATER);
  }

  /** Puts everything that is found into order. */
  arrange(): void {
    this.alerts = sorted(this.#found, this.#order);
    this.gone = new Set();
    this.waiting = 0;
  }

  #patch(): void {
    const next = patched(this.alerts, this.#found);
    this.alerts = next.items;
    this.gone = next.gone;
    this.waiting = next.waiting;
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#request.abort();
    this.live.stop();
    clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #soon(delay: number): void {
    const due = Date.now() + delay;
    if (due >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = due;
    this.#timer = setTimeout(() => void this.refresh(), delay);
  }

  /** Looks for the alerts and counts them, the list as soon as it is there. */
  async #load(signal: AbortSignal, place: () => void): Promise<void> {
    const began = performance.now();
    const counted = Promise.all([this.#count(signal), this.also()]);
    // Whoever waits for the list first must not leave this one's failure to nobody.
    counted.catch(() => {});
    this.#found = await this.#list(signal);
    place();
    await counted;
    this.#took = performance.now() - began;
  }

  async #count(signal: AbortSignal): Promise<void> {
    const query = { q: this.q, fields: ["state", ...FIELDS].join(","), limit: 8 };
    const counted = await body(api.GET("/api/v1/alerts/facets", { params: { query }, signal }));
    const [states, ...facets] = counted.items;
    this.states = Object.fromEntries(states?.values.map(({ value, count }) => [value, count]) ?? []);
    this.facets = facets;
  }

  async #list(signal: AbortSignal): Promise<AlertItem[]> {
    const list = async (q: string, limit: number) =>
      (await body(api.GET("/api/v1/alerts", { params: { query: { q, limit } }, signal }))).items;
    const query = { q: this.q, by: "severity" };
    const { total, items } = await body(api.GET("/api/v1/alerts/count", { params: { query }, signal }));
    const counts = new Map(items.map(({ values, count }) => [values?.severity, count]));
    this.total = total;
    if (!this.#listed) return [];
    // The API lists by age: where not all can be shown, the worst are asked for by themselves.
    let left = MOST;
    const asked = [];
    for (const severity of total > MOST ? SEVERITIES : []) {
      const limit = Math.min(left, counts.get(severity) ?? 0);
      if (limit) asked.push(list(and(this.q, `severity=${severity}`), limit));
      left -= limit;
    }
    const found = unique((await Promise.all(asked.length ? asked : [list(this.q, MOST)])).flat());
    this.total = Math.max(total, found.length);
    return found;
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (fault) {
      if (isGivenUp(fault)) return;
      this.failure = asFailure(fault);
    }
  }
}
