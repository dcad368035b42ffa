/** The statistics page: what is counted of events and alerts in a time. */
import {
  type AlertDurations,
  api,
  asFailure,
  body,
  type CountPage,
  type Failure,
  type Histogram,
  isGivenUp,
} from "../api/client";
import { forAlerts } from "../query/forAlerts";
import { type Stretch, stretchOf } from "../query/heat";
import { within } from "../query/links";
import { between, moments, type Span } from "../query/span";
import { COLOURED } from "../query/stack";
import { and } from "../query/terms";

export const RANKED = ["source", "rule", "host"] as const;
const MOST = 10;
/** Among so many the alerts that were opened again are looked for. */
const LOOKED_AT = 200;
const AGAIN = ["host", "service", "key"] as const;

export interface Again {
  host: string;
  service: string;
  key: string;
  count: number;
}

export class Statistics {
  /** The time that is counted, as two moments: so each number leads to just what it counts. */
  span: Span = $state.raw({ from: "", to: "" });
  /** What alerts are asked, and which terms that leaves out. */
  common = $derived.by(() => forAlerts(this.#q));
  total = $state(0);
  rankings: Partial<Record<(typeof RANKED)[number], CountPage>> = $state.raw({});
  histogram: Histogram | null = $state.raw(null);
  stretches: Stretch[] = $state.raw([]);
  /** How long each stretch is, in minutes. */
  minutes = $state(60);
  durations: AlertDurations | null = $state.raw(null);
  opened = $state(0);
  unresolved = $state(0);
  again: Again[] | null = $state.raw(null);
  failure: Failure | null = $state.raw(null);
  loading = $state(true);

  #q = $state("");
  #request = new AbortController();

  /** Counts everything. */
  async load(q: string, span: Span, by: string): Promise<void> {
    this.stop();
    this.#request = new AbortController();
    const { signal } = this.#request;
    this.#q = q;
    this.span = between(...moments(span, Date.now()));
    this.loading = true;
    this.failure = null;
    try {
      await Promise.all([
        this.#events(q, by, signal),
        ...RANKED.map((field) => this.#rank(q, field, signal)),
        this.#week(q, signal),
        this.#alerts(signal),
      ]);
    } catch (fault) {
      if (isGivenUp(fault) || signal.aborted) return;
      this.failure = asFailure(fault);
    }
    this.loading = false;
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#request.abort();
  }

  async #events(q: string, by: string, signal: AbortSignal): Promise<void> {
    const query = { q, ...this.span, by, limit: COLOURED };
    const found = await body(api.GET("/api/v1/events/histogram", { params: { query }, signal }));
    this.histogram = found;
    this.total = found.total;
  }

  async #rank(q: string, by: (typeof RANKED)[number], signal: AbortSignal): Promise<void> {
    const query = { q, ...this.span, by, limit: MOST };
    const found = await body(api.GET("/api/v1/events/count", { params: { query }, signal }));
    this.rankings = { ...this.rankings, [by]: found };
  }

  async #week(q: string, signal: AbortSignal): Promise<void> {
    const [start, end] = moments(this.span, 0);
    this.minutes = stretchOf(start, end);
    const query = { q, ...this.span, bucket: `${this.minutes}m` };
    const found = await body(api.GET("/api/v1/events/count", { params: { query }, signal }));
    this.stretches = found.items.map((each) => ({ start: Date.parse(each.start ?? ""), count: each.count }));
  }

  async #alerts(signal: AbortSignal): Promise<void> {
    const { q } = this.common;
    const opened = and(q, within("opened", this.span));
    const count = (asked: string, by = "", limit = 1) => {
      const query = { q: asked, by, limit };
      return body(api.GET("/api/v1/alerts/count", { params: { query }, signal }));
    };
    const query = { q, ...this.span };
    const [durations, all, unresolved, again] = await Promise.all([
      body(api.GET("/api/v1/alerts/durations", { params: { query }, signal })),
      count(opened),
      count(and(q, "state!=resolved")),
      count(opened, AGAIN.join(","), LOOKED_AT),
    ]);
    this.durations = durations;
    this.opened = all.total;
    this.unresolved = unresolved.total;
    this.again = again.items
      .flatMap((each) =>
        each.values && each.count > 1 ? [{ ...each.values, count: each.count } as Again] : [],
      )
      .slice(0, MOST);
  }
}
