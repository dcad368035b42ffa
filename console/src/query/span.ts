/** The time that a page looks at: from a moment, or that long ago, until a moment or now. */

export interface Span {
  /** RFC 3339, or `-1h`. */
  from: string;
  /** RFC 3339; '' for now. */
  to: string;
}

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const RELATIVE = /^-(\d{1,6})([smhdw])$/;

/** The spans that are offered. */
export const SPANS = ["-15m", "-1h", "-6h", "-1d", "-7d", "-30d", "-365d"] as const;
export const USUAL: Span = { from: "-1d", to: "" };

/** Reads how long ago something is, in seconds; null where it is a moment. */
export function ago(from: string): number | null {
  const [, number, unit] = RELATIVE.exec(from) ?? [];
  return number && unit ? Number(number) * SECONDS[unit]! : null;
}

/** Gives the two moments of a span, in milliseconds since 1970. */
export function moments(span: Span, now: number): [number, number] {
  const seconds = ago(span.from);
  const end = span.to ? Date.parse(span.to) : now;
  return [seconds === null ? Date.parse(span.from) : now - seconds * 1000, end];
}

/** Gives a span between two moments, whole seconds and at least one. */
export function between(start: number, end: number): Span {
  const first = Math.floor(start / 1000) * 1000;
  const last = Math.max(first + 1000, Math.ceil(end / 1000) * 1000);
  return { from: written(first), to: written(last) };
}

/** Gives the span of three times the length around another, which ends now at the latest. */
export function wider(span: Span, now: number): Span {
  const [start, end] = moments(span, now);
  const length = end - start;
  if (!span.to) {
    const next = SPANS.find((each) => ago(each)! * 1000 > length);
    return next ? { from: next, to: "" } : span;
  }
  return between(start - length, Math.min(now, end + length));
}

/** Says whether a span reaches to now, so that what comes in belongs to it. */
export function isOpen(span: Span): boolean {
  return !span.to;
}

function written(moment: number): string {
  return new Date(moment).toISOString().replace(".000Z", "Z");
}
