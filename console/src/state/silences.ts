/** The silences, and what each holds back. */
import { api, body, type SilenceItem } from "../api/client";
import { STALE_DAYS } from "../query/silencing";

/** As many as a domain may have that hold or wait, and as many groups as a count shows. */
const MOST = 1_000;

export interface Known {
  active: SilenceItem[];
  pending: SilenceItem[];
  /** Those that are over; empty unless they were asked for. */
  expired: SilenceItem[];
  /** How many open alerts each holds back now, by its id. */
  held: Map<string, number>;
  /** How many events each matched in the last days, by its id. */
  matched: Map<string, number>;
}

/**
 * Looks for the silences that hold or wait.
 * @param withExpired those that are over, too
 * @param signal gives it up
 */
export async function lookAtSilences(withExpired: boolean, signal: AbortSignal | null): Promise<Known> {
  const listed = async (state: "active" | "pending" | "expired") => {
    const query = { state, limit: MOST };
    return (await body(api.GET("/api/v1/silences", { params: { query }, signal }))).items;
  };
  const by = "silenced_by";
  const held = { q: '-silenced_by:"" -state:resolved', by, limit: MOST };
  const matched = { q: '-silenced_by:""', by, from: `-${STALE_DAYS}d`, limit: MOST };
  const [active, pending, expired, alerts, events] = await Promise.all([
    listed("active"),
    listed("pending"),
    withExpired ? listed("expired") : [],
    body(api.GET("/api/v1/alerts/count", { params: { query: held }, signal })),
    body(api.GET("/api/v1/events/count", { params: { query: matched }, signal })),
  ]);
  return { active, pending, expired, held: byId(alerts), matched: byId(events) };
}

function byId(counts: { items: { values?: Record<string, string> | null; count: number }[] }) {
  return new Map(counts.items.map(({ values, count }) => [values?.["silenced_by"] ?? "", count]));
}
