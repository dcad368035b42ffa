import { expect, it } from "vitest";
import { texts } from "./texts";

it("compares in per cent what can be grasped so, and else says how many times as many there are", () => {
  const { compared } = texts.histogram;
  expect(compared(15, 10)).toBe("15 events, +50 % against the time before (10)");
  expect(compared(109, 10)).toBe("109 events, +990 % against the time before (10)");
  expect(compared(172, 1)).toBe("172 events, 172 times as many as in the time before (1)");
});
