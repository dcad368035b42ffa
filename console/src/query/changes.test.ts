import { expect, test } from "vitest";
import { changes } from "./changes";

test("each member that differs stands with what it was and what it is", () => {
  const details = { before: { name: "a", targets: ["x"] }, after: { name: "b", targets: [], scope: "" } };
  expect(changes(details)).toEqual([
    { member: "name", before: "a", after: "b" },
    { member: "targets", before: '["x"]', after: "[]" },
    { member: "scope", before: "", after: "" },
  ]);
});

test("of what was made or deleted there is one side", () => {
  expect(changes({ after: { enabled: true } })).toEqual([{ member: "enabled", before: "", after: "true" }]);
  expect(changes({ before: { name: "a" } })).toEqual([{ member: "name", before: "a", after: "" }]);
  expect(changes({})).toEqual([]);
});
