import { expect, test } from "vitest";
import { exchanged, question } from "./routing";

const routes = [
  { id: "a", position: 1 },
  { id: "b", position: 1 },
  { id: "c", position: 7 },
];

test("two routes change places, whatever their positions were", () => {
  expect(exchanged(routes, "b", "a")).toEqual([
    { id: "a", position: 2 },
    { id: "c", position: 3 },
  ]);
  expect(exchanged([routes[0]!, { id: "b", position: 2 }], "a", "b")).toEqual([
    { id: "b", position: 1 },
    { id: "a", position: 2 },
  ]);
});

test("a question is an id or an event", () => {
  expect(question(" event-00000000000a ")).toEqual({ event_id: "event-00000000000a" });
  expect(question("alert-1")).toEqual({ alert_id: "alert-1" });
  expect(question('{"key": "a"}')).toEqual({ event: { key: "a" } });
  for (const wrong of ["", "event", "[1]", "1", "{"]) expect(question(wrong)).toBeNull();
});
