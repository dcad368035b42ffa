/** Values that a field has in what was recorded, for completing expressions. */
import { type Suggestion, suggestion } from "../query/completion";
import { quote } from "../query/terms";
import { api, body } from "./client";

const MOST = 10;
/** Among so many hosts and services the values are looked for. */
const MOST_OBJECTS = 200;

/** Looks for the most frequent values of a field of events that begin with what is typed. */
export async function valuesOfEvents(field: string, typed: string, from: string): Promise<Suggestion[]> {
  const query = { q: beginning(field, typed), by: field, from, limit: MOST };
  return suggestions(await body(api.GET("/api/v1/events/count", { params: { query } })), field);
}

/** Looks for the most frequent values of a field of alerts that begin with what is typed. */
export async function valuesOfAlerts(field: string, typed: string): Promise<Suggestion[]> {
  const query = { q: beginning(field, typed), by: field, limit: MOST };
  return suggestions(await body(api.GET("/api/v1/alerts/count", { params: { query } })), field);
}

/** Looks for values of a field of hosts and services that begin with what is typed. */
export async function valuesOfObjects(field: string, typed: string): Promise<Suggestion[]> {
  if (field !== "host" && field !== "service" && field !== "acknowledged_by") return [];
  const query = { q: beginning(field, typed), limit: MOST_OBJECTS };
  const { items } = await body(api.GET("/api/v1/objects", { params: { query } }));
  return [...new Set(items.map((item) => item[field]))]
    .slice(0, MOST)
    .flatMap((value) => suggestion(value, 0));
}

function beginning(field: string, typed: string): string {
  if (!typed) return "";
  const quoted = quote(typed);
  return quoted.endsWith('"') ? `${field}:${quoted.slice(0, -1)}*"` : `${field}:${quoted}*`;
}

function suggestions(
  counts: { items: { values?: Record<string, string> | null; count: number }[] },
  field: string,
): Suggestion[] {
  return counts.items.flatMap((item) =>
    item.values ? suggestion(item.values[field] ?? "", item.count) : [],
  );
}
