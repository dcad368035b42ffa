import { expect, it } from "vitest";
import { csv } from "./csv";

it("writes any text, and no formula", () => {
  expect(
    csv(
      ["host", "count"],
      [
        ["a", 1],
        ['say "x", y\n', -2],
        ["=1+1", 3],
      ],
    ),
  ).toBe('host,count\r\na,1\r\n"say ""x"", y\n",-2\r\n\'=1+1,3\r\n');
});
