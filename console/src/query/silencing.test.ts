import { expect, test } from "vitest";
import type { SilenceItem } from "../api/client";
import { isEnding, isStale, marksOf, placeOf } from "./silencing";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-06-10T12:00:00Z");

function silence(from: number, to: number, state = "active"): SilenceItem {
  return {
    id: "silence-1",
    state,
    expression: "",
    scope: "",
    starts_at: new Date(NOW + from * HOUR).toISOString(),
    ends_at: new Date(NOW + to * HOUR).toISOString(),
    author: "ann",
    comment: "",
    created_at: null,
  };
}

test("a silence is ending in its last hours", () => {
  expect(isEnding(silence(-9, 1.9), NOW)).toBe(true);
  expect(isEnding(silence(-9, 2.1), NOW)).toBe(false);
  expect(isEnding(silence(1, 1.5, "pending"), NOW)).toBe(false);
});

test("a silence that matched nothing is stale once it held for a day", () => {
  expect(isStale(silence(-25, 9), 0, NOW)).toBe(true);
  expect(isStale(silence(-25, 9), 1, NOW)).toBe(false);
  expect(isStale(silence(-23, 9), 0, NOW)).toBe(false);
});

test("a silence lies in a stretch as long as it holds", () => {
  expect(placeOf(silence(-2, 4), "day", NOW)).toEqual({ left: 0, width: 25, goesOn: false });
  expect(placeOf(silence(10, 100, "pending"), "day", NOW)).toEqual({ left: 50, width: 50, goesOn: true });
  expect(placeOf(silence(30, 31, "pending"), "day", NOW)).toBeNull();
  expect(placeOf(silence(-9, -3, "expired"), "day", NOW)).toBeNull();
});

test("a stretch has marks at whole hours and midnights", () => {
  const day = marksOf("day", NOW);
  expect(day).toHaveLength(8);
  expect(day.every(({ moment }) => new Date(moment).getMinutes() === 0)).toBe(true);
  const week = marksOf("week", NOW);
  expect(week).toHaveLength(7);
  expect(week.every(({ moment }) => new Date(moment).getHours() === 0)).toBe(true);
  expect(week.every(({ left }) => left > 0 && left < 100)).toBe(true);
});
