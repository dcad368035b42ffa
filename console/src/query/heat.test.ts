import { expect, it } from "vitest";
import { stretchOf, timesOf, week } from "./heat";

const MINUTE = 60_000;

it("puts what occurred into the weekday and hour of whoever looks", () => {
  // 2026-11-23 is a Monday.
  const monday = new Date(2026, 10, 23, 9, 0).getTime();
  const later = new Date(2026, 10, 30, 9, 30).getTime();
  const sunday = new Date(2026, 10, 29, 23, 0).getTime();
  const cells = week([
    { start: monday, count: 3 },
    { start: later, count: 4 },
    { start: sunday, count: 5 },
  ]);
  expect(cells[0]![9]!.count).toBe(7);
  expect(cells[6]![23]!.count).toBe(5);
  expect(cells.flat().reduce((sum, cell) => sum + cell.count, 0)).toBe(12);
});

it("joins the stretches of an hour, and names the weeks apart", () => {
  const start = Date.UTC(2026, 10, 23, 9, 0);
  const cell = {
    count: 2,
    stretches: [
      { start, count: 1 },
      { start: start + 30 * MINUTE, count: 1 },
    ],
  };
  expect(timesOf(cell, 30)).toBe('occurred>="2026-11-23T09:00:00Z" occurred<"2026-11-23T10:00:00Z"');
  const next = start + 7 * 24 * 60 * MINUTE;
  expect(timesOf({ count: 2, stretches: [...cell.stretches, { start: next, count: 1 }] }, 30)).toBe(
    '((occurred>="2026-11-23T09:00:00Z" occurred<"2026-11-23T10:00:00Z") OR ' +
      '(occurred>="2026-11-30T09:00:00Z" occurred<"2026-11-30T09:30:00Z"))',
  );
  expect(timesOf({ count: 0, stretches: [] }, 60)).toBeNull();
});

it("takes hours, unless that would be too many counts", () => {
  const end = Date.UTC(2026, 10, 23);
  expect([60, 30, 15]).toContain(stretchOf(end - 86_400_000, end));
  expect(stretchOf(0, end)).toBe(60);
});
