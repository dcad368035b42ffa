import { expect, test } from "vitest";
import { AGES, inOrder, isTime, kept, rated, termOf } from "./grouping";

test("a group is found by its value, which may be empty or have spaces", () => {
  expect(termOf("host", "db1")).toBe("host=db1");
  expect(termOf("labels.team", "data centre")).toBe('labels.team="data centre"');
  expect(termOf("assignee", "")).toBe('assignee=""');
});

test("ages follow one another without a gap", () => {
  expect(isTime("opened")).toBe(true);
  expect(isTime("labels.opened")).toBe(false);
  expect(AGES.map((age) => termOf("opened", age))).toEqual([
    "opened>=-1h",
    "opened<-1h opened>=-1d",
    "opened<-1d opened>=-7d",
    "opened<-7d",
  ]);
});

test("severities stand by how bad they are, other values as they are counted", () => {
  const groups = ["warning", "critical", "info"].map((value, place) => ({ value, count: 9 - place }));
  expect(inOrder("severity", groups).map(({ value }) => value)).toEqual(["critical", "warning", "info"]);
  expect(inOrder("host", groups)).toEqual(groups);
});

test("shown groups stay where they are as their counts change, and new ones come last", () => {
  const shown = [
    { value: "a", count: 5 },
    { value: "b", count: 3 },
  ];
  const found = [
    { value: "c", count: 9 },
    { value: "b", count: 4 },
  ];
  expect(kept(shown, found)).toEqual([
    { value: "a", count: 0 },
    { value: "b", count: 4 },
    { value: "c", count: 9 },
  ]);
});

test("a group is as bad as the worst in it, and says nothing where that was not counted", () => {
  const groups = ["a", "b", ""].map((value) => ({ value, count: 2 }));
  const counted = [
    { value: "a", severity: "warning" },
    { value: "a", severity: "critical" },
    { value: "a", severity: "info" },
    { value: "", severity: "error" },
  ];
  expect(rated(groups, counted).map((group) => group.worst)).toEqual(["critical", undefined, "error"]);
});
