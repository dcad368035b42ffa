/** When in the week events occur: counts by weekday and hour, in the time zone of whoever looks. */
import { quote } from "./terms";

export interface Stretch {
  /** In milliseconds since 1970. */
  start: number;
  count: number;
}

export interface Cell {
  count: number;
  /** The stretches of time that fall into it and have any. */
  stretches: Stretch[];
}

const WEEK_DAYS = 7;
const DAY_HOURS = 24;
/** An expression has 256 terms and 4,096 characters at most. */
const MOST_SPANS = 54;

/** Gives the cells by weekday, Monday first, and hour. */
export function week(stretches: readonly Stretch[]): Cell[][] {
  const cells = Array.from({ length: WEEK_DAYS }, () =>
    Array.from({ length: DAY_HOURS }, (): Cell => ({ count: 0, stretches: [] })),
  );
  for (const stretch of stretches) {
    const date = new Date(stretch.start);
    const cell = cells[(date.getDay() + 6) % WEEK_DAYS]![date.getHours()]!;
    cell.count += stretch.count;
    cell.stretches.push(stretch);
  }
  return cells;
}

/** Gives how long a stretch must be so that each falls into one hour of a day, in minutes. */
export function stretchOf(start: number, end: number): number {
  const offsets = [start, end].map((moment) => new Date(moment).getTimezoneOffset());
  const fits = [60, 30, 15].find((minutes) => offsets.every((offset) => offset % minutes === 0)) ?? 15;
  // No more than 10,000 counts are answered.
  return (end - start) / 60_000 / fits < 9_000 ? fits : 60;
}

/**
 * Writes what finds the events of a cell.
 * @param minutes how long each stretch is
 * @returns null where there are too many stretches for one expression
 */
export function timesOf(cell: Cell, minutes: number): string | null {
  const spans: [number, number][] = [];
  for (const { start } of cell.stretches) {
    const last = spans.at(-1);
    if (last && last[1] === start) last[1] = start + minutes * 60_000;
    else spans.push([start, start + minutes * 60_000]);
  }
  if (!spans.length || spans.length > MOST_SPANS) return null;
  const written = spans.map(([start, end]) => `occurred>=${moment(start)} occurred<${moment(end)}`);
  return written.length === 1 ? written[0]! : `(${written.map((each) => `(${each})`).join(" OR ")})`;
}

function moment(milliseconds: number): string {
  return quote(new Date(milliseconds).toISOString().replace(/:00\.000Z$/, ":00Z"));
}
