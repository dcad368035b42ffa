import { describe, expect, it } from "vitest";
import { ago, between, moments, wider } from "./span";

const NOW = Date.parse("2026-11-22T12:00:00Z");

describe("spans", () => {
  it("reads what is counted from now, and what is not", () => {
    expect([ago("-15m"), ago("-7d"), ago("2026-11-22T08:00:00Z"), ago("")]).toEqual([
      900,
      604_800,
      null,
      null,
    ]);
    expect(moments({ from: "-1h", to: "" }, NOW)).toEqual([NOW - 3_600_000, NOW]);
    expect(moments({ from: "2026-11-22T08:00:00Z", to: "2026-11-22T09:00:00Z" }, NOW)).toEqual([
      NOW - 4 * 3_600_000,
      NOW - 3 * 3_600_000,
    ]);
  });

  it("covers what was dragged over, in whole seconds", () => {
    expect(between(NOW + 400, NOW + 500)).toEqual({
      from: "2026-11-22T12:00:00Z",
      to: "2026-11-22T12:00:01Z",
    });
  });

  it("becomes wider on both sides, but not beyond now", () => {
    expect(wider({ from: "-1h", to: "" }, NOW)).toEqual({ from: "-6h", to: "" });
    expect(wider({ from: "-365d", to: "" }, NOW)).toEqual({ from: "-365d", to: "" });
    expect(wider({ from: "2026-11-22T10:00:00Z", to: "2026-11-22T11:30:00Z" }, NOW)).toEqual({
      from: "2026-11-22T08:30:00Z",
      to: "2026-11-22T12:00:00Z",
    });
  });
});
