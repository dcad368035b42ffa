import { expect, it } from "vitest";
import { countsAt, stack } from "./stack";

it("puts the worst at the bottom, and others on top", () => {
  const stacked = stack({
    total: 10,
    bucket: 60,
    by: "severity",
    series: ["info", "critical", null],
    bars: [
      { start: "1970-01-01T00:01:00Z", counts: [5, 1, 2] },
      { start: "1970-01-01T00:02:00Z", counts: [0, 2, 0] },
    ],
  });
  expect(stacked).toEqual({
    starts: [60, 120],
    names: ["critical", "info", null],
    tops: [
      [1, 2],
      [6, 2],
      [8, 2],
    ],
  });
  expect(countsAt(stacked, 0)).toEqual([
    { name: "critical", count: 1 },
    { name: "info", count: 5 },
    { name: null, count: 2 },
  ]);
});
