import { expect, it } from "vitest";
import { steady } from "./steady";

it("keeps what was there in its place, and puts what is new behind it", () => {
  expect(steady(["b", "a", "gone"], ["new", "a", "b", "newer"], (name) => name)).toEqual([
    "b",
    "a",
    "new",
    "newer",
  ]);
  expect(steady([], ["b", "a"], (name) => name)).toEqual(["b", "a"]);
});
