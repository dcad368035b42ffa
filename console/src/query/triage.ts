/** In which order alerts are worked on, and what becomes of it as they change. */
import type { AlertItem } from "../api/client";
import { rankOf } from "./severities";
import { join, quote, split } from "./terms";

export const ORDERS = ["urgent", "newest", "oldest", "most"] as const;
export type Order = (typeof ORDERS)[number];

/** Expressions have a limit of terms and of characters. */
const TOGETHER = 100;

const COMPARE: Record<Order, (a: AlertItem, b: AlertItem) => number> = {
  urgent: (a, b) =>
    Number(isHeld(a)) - Number(isHeld(b)) || rankOf(a.severity) - rankOf(b.severity) || later(a, b),
  newest: later,
  oldest: (a, b) => -later(a, b),
  most: (a, b) => b.count - a.count || later(a, b),
};

/** Puts alerts into an order. The urgent one: those nobody is on first, then the worst, then the newest. */
export function sorted(alerts: readonly AlertItem[], order: Order): AlertItem[] {
  return [...alerts].sort(COMPARE[order]);
}

/**
 * Brings shown items up to date without moving any.
 * @param shown as they stand in the list
 * @param found as they are now, in their order
 * @param isWhole whether that is all there is; else what comes after the last shown one waits for nobody
 */
export function patched<T extends { id: string }>(
  shown: readonly T[],
  found: readonly T[],
  isWhole: boolean = true,
) {
  const now = new Map(found.map((item) => [item.id, item]));
  const items = shown.map((item) => now.get(item.id) ?? item);
  const gone = new Set(shown.filter((item) => !now.has(item.id)).map((item) => item.id));
  const known = new Set(shown.map((item) => item.id));
  const reach = isWhole ? found.length : found.findLastIndex((item) => known.has(item.id));
  return { items, gone, waiting: found.slice(0, reach).filter((item) => !known.has(item.id)).length };
}

/** Leaves out what stands in a list once more: it became another between two requests. */
export function unique<T extends { id: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}

/** Writes expressions that find just some alerts, each of as many as one may hold. */
export function byId(ids: readonly string[]): { q: string; expected: number }[] {
  const parts: { q: string; expected: number }[] = [];
  for (let start = 0; start < ids.length; start += TOGETHER) {
    const part = ids.slice(start, start + TOGETHER);
    parts.push({ q: part.map((id) => `id=${id}`).join(" OR "), expected: part.length });
  }
  return parts;
}

/** Writes a filter for events like those of some alerts. */
export function likeThese(alerts: readonly AlertItem[]): string {
  const each = [...new Set(alerts.map(likeThis))];
  return each.length > 1
    ? each.map((one) => (split(one).length > 1 ? `(${one})` : one)).join(" OR ")
    : (each[0] ?? "");
}

function likeThis({ host, service, key }: AlertItem): string {
  if (!host) return `key=${quote(key)}`;
  return join([`host=${quote(host)}`, service ? `service=${quote(service)}` : ""]);
}

function isHeld(alert: AlertItem): boolean {
  return alert.state !== "open" || alert.silenced_by !== "";
}

function later(a: AlertItem, b: AlertItem): number {
  return (b.opened_at ?? "").localeCompare(a.opened_at ?? "") || b.id.localeCompare(a.id);
}
