import { expect, it } from "vitest";
import type { EventItem } from "../api/client";
import { moved, readColumns, textOf, tracks, writeColumns } from "./columns";

it("reads what it writes, and leaves out what is no column", () => {
  const columns = readColumns("time:200,labels.a%2Cb:1,nothing,title,title:5,:3,%");
  expect(columns).toEqual([
    { field: "time", width: 200 },
    { field: "labels.a,b", width: 60 },
    { field: "title", width: 60 },
  ]);
  expect(readColumns(writeColumns(columns))).toEqual(columns);
  expect(readColumns("")).toEqual([]);
});

it("gives what is left to those without a width", () => {
  expect(tracks(readColumns("time:120,title:0,host"))).toBe("120px minmax(120px, 1fr) 150px");
});

it("moves a column, but not beyond the others", () => {
  const columns = readColumns("time,title,host");
  const order = (by: number, field: string) => moved(columns, field, by).map((each) => each.field);
  expect(order(-1, "host")).toEqual(["time", "host", "title"]);
  expect(order(-1, "time")).toEqual(["time", "title", "host"]);
  expect(order(1, "host")).toEqual(["time", "title", "host"]);
});

it("gives the text of a field and of a label", () => {
  const event = {
    host: "db1",
    service: "disk",
    title: "Full",
    labels: { team: "x" },
  } as unknown as EventItem;
  expect(
    ["object", "title", "labels.team", "labels.none", "rule"].map((each) => textOf(event, each)),
  ).toEqual([...["db1 · disk", "Full", "x", "", ""]]);
});
