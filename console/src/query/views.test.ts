import { expect, test } from "vitest";
import type { ViewItem } from "../api/client";
import { addressOf, isChanged, newView, stateOf } from "./views";

const VIEW: ViewItem = {
  id: "view-1",
  name: "Disks & more",
  page: "events",
  expression: "disk & host:db*",
  from: "-1h",
  to: "",
  columns: "time:120,labels.a%2Cb:150",
  group: "",
  show: "",
  order: "",
  shared: false,
  owner: "ann",
  owner_id: "user-1",
  changeable: true,
  created_at: null,
};

function paramsOf(address: string): URLSearchParams {
  return new URL(address, "http://x").searchParams;
}

test("a view is opened as it was saved", () => {
  const params = paramsOf(addressOf(VIEW));
  expect(params.get("view")).toBe("view-1");
  expect(stateOf("events", params)).toEqual({
    expression: VIEW.expression,
    from: "-1h",
    to: "",
    columns: VIEW.columns,
    group: "",
  });
  expect(isChanged(VIEW, params)).toBe(false);
});

test("whatever the page shows differently is a change, and what is opened beside it is none", () => {
  const params = paramsOf(addressOf(VIEW));
  params.set("event", "event-1");
  expect(isChanged(VIEW, params)).toBe(false);
  params.set("group", "host");
  expect(isChanged(VIEW, params)).toBe(true);
});

test("each page has its own state", () => {
  const params = new URLSearchParams({ q: "disk", from: "-1h", order: "oldest" });
  const state = stateOf("alerts", params);
  expect(state).toEqual({ expression: "disk", group: "", show: "", order: "oldest" });
  expect(newView("alerts", state, "Disks", true)).toEqual({
    name: "Disks",
    page: "alerts",
    shared: true,
    ...state,
  });
});
