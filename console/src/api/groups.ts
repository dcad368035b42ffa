/** Events and alerts in groups: counted by the API, and read page by page. */
import { AGES, inOrder, isTime, rated, termOf } from "../query/grouping";
import { SEVERITIES } from "../query/severities";
import type { Span } from "../query/span";
import { and } from "../query/terms";
import { byId, type Order, sorted } from "../query/triage";
import type { Counted, Reader } from "../state/groups.svelte";
import { type AlertItem, api, body, type CountPage, type EventItem } from "./client";

/** So many groups are shown at most: the greatest ones. */
const GROUPS = 500;
/** Of so many groups and severities together it is asked at most which there are. */
const PAIRS = 1_000;
const PAGE = 100;
/** What a list of alerts begins with, where the most urgent come first, and what comes then. */
const URGENT = ['state=open silenced_by=""', '(state!=open OR silenced_by!="")'].flatMap((held) =>
  SEVERITIES.map((severity) => `severity=${severity} ${held}`),
);

/** Gives what counts and reads events by a field. */
export function groupsOfEvents(field: string, q: string, span: Span): Reader<EventItem> {
  const time = { from: span.from, ...(span.to ? { to: span.to } : {}) };
  return {
    async count(signal) {
      const query = { q, ...time, by: field, limit: GROUPS };
      return countedBy(field, await body(api.GET("/api/v1/events/count", { params: { query }, signal })));
    },
    async *pages(value, signal) {
      const query = { q: and(q, termOf(field, value)), ...time, limit: PAGE };
      let cursor = "";
      for (;;) {
        const asked = { ...query, ...(cursor ? { cursor } : {}) };
        const page = await body(api.GET("/api/v1/events", { params: { query: asked }, signal }));
        if (page.next === null) return page.items;
        yield page.items;
        cursor = page.next;
      }
    },
  };
}

/** Gives what counts and reads alerts by a field, or by their age where the field is a time. */
export function groupsOfAlerts(field: string, q: string, order: Order): Reader<AlertItem> {
  const within = (value: string) => and(q, termOf(field, value));
  return {
    count: (signal) => (isTime(field) ? countedByAge(within, signal) : countedAlerts(field, q, signal)),
    async *pages(value, signal) {
      const first = await listed(within(value), "", signal);
      // The API lists the newest first: where one page does not hold all, the urgent ones are asked for first.
      if (first.next === null) return sorted(first.items, order);
      for (const part of order === "newest" ? [""] : URGENT) {
        let cursor: string | null = "";
        while (cursor !== null) {
          const page = await listed(part ? and(within(value), part) : within(value), cursor, signal);
          if (page.items.length) yield page.items;
          cursor = page.next;
        }
      }
      return [];
    },
    async again(value, items, signal) {
      const found: AlertItem[] = [];
      for (const part of byId(items.map(({ id }) => id))) {
        found.push(...(await listed(and(within(value), `(${part.q})`), "", signal)).items);
      }
      return found;
    },
  };
}

async function listed(q: string, cursor: string, signal: AbortSignal) {
  const query = { q, limit: PAGE, ...(cursor ? { cursor } : {}) };
  return await body(api.GET("/api/v1/alerts", { params: { query }, signal }));
}

async function countedAlerts(field: string, q: string, signal: AbortSignal): Promise<Counted> {
  const count = (by: string, limit: number) =>
    body(api.GET("/api/v1/alerts/count", { params: { query: { q, by, limit } }, signal }));
  if (field === "severity") return countedBy(field, await count(field, GROUPS));
  const [counts, pairs] = await Promise.all([count(field, GROUPS), count(`${field},severity`, PAIRS)]);
  const counted = countedBy(field, counts);
  // Where there are more of them, a worse one may be among the rest.
  if (pairs.groups > PAIRS) return counted;
  const found = pairs.items.map(({ values }) => ({
    value: values?.[field] ?? "",
    severity: values?.["severity"] ?? "",
  }));
  return { ...counted, groups: rated(counted.groups, found) };
}

async function countedByAge(within: (age: string) => string, signal: AbortSignal): Promise<Counted> {
  const counts = AGES.map(async (value) => {
    const query = { q: within(value), by: "severity" };
    const { items, total } = await body(api.GET("/api/v1/alerts/count", { params: { query }, signal }));
    const found = items.map(({ values }) => ({ value, severity: values?.["severity"] ?? "" }));
    return rated([{ value, count: total }], found);
  });
  const groups = (await Promise.all(counts)).flat().filter(({ count }) => count > 0);
  return { groups, total: groups.reduce((sum, { count }) => sum + count, 0), rest: 0, others: 0 };
}

function countedBy(field: string, { items, total, groups: all }: CountPage): Counted {
  const groups = items.flatMap(({ values, count }) =>
    values ? [{ value: values[field] ?? "", count }] : [],
  );
  const rest = items.find(({ values }) => values === null)?.count ?? 0;
  return { groups: inOrder(field, groups), total, rest, others: all - groups.length };
}
