/** Where numbers lead: the addresses of lists. */
import type { Span } from "./span";
import { quote } from "./terms";

/** Gives the address of the events that an expression finds in a time. */
export function eventsAt(q: string, span: Span): string {
  return address("/events", { q, from: span.from, to: span.to });
}

/** Gives the address of the alerts that an expression finds, in any state unless another is named. */
export function alertsAt(q: string, show: string = "all"): string {
  return address("/alerts", { q, show });
}

/** Writes that a time of an alert lies within a span of two moments. */
export function within(field: string, span: Span): string {
  return `${field}>=${quote(span.from)} ${field}<${quote(span.to)}`;
}

function address(path: string, given: Record<string, string>): string {
  const params = new URLSearchParams(Object.entries(given).filter(([, value]) => value));
  return params.size ? `${path}?${params}` : path;
}
