import { describe, expect, it } from "vitest";
import { lasting, short, tick } from "./times";

const NOW = new Date(2026, 10, 22, 12, 30, 5).getTime();

describe("times", () => {
  it("are as short as they stay clear", () => {
    expect(short(new Date(2026, 10, 22, 3, 4, 5).getTime(), NOW)).toBe("03:04:05");
    expect(short(new Date(2026, 10, 21, 23, 4, 5).getTime(), NOW)).toBe("21 Nov 23:04");
    expect(short(new Date(2025, 10, 22, 3, 4, 5).getTime(), NOW)).toBe("22 Nov 2025");
  });

  it("below a chart name the day where it begins", () => {
    expect(tick(new Date(2026, 10, 22, 0, 0).getTime(), 600)).toBe("22 Nov");
    expect(tick(new Date(2026, 10, 22, 3, 10).getTime(), 600)).toBe("03:10");
    expect(tick(new Date(2026, 10, 22, 3, 10).getTime(), 86_400)).toBe("22 Nov");
  });

  it.each([
    [400, "0 s"],
    [59_000, "59 s"],
    [61_000, "1 min"],
    [3_720_000, "1 h 2 min"],
    [3_600_000, "1 h"],
    [90_061_000, "1 d 1 h"],
    [-5, "0 s"],
  ])("last %d ms: %s", (milliseconds, words) => {
    expect(lasting(milliseconds)).toBe(words);
  });
});
