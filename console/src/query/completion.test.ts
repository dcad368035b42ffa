import { describe, expect, it } from "vitest";
import { accept, type Fields, names, placeAt, suggestion, values } from "./completion";

const fields: Fields = {
  host: { type: "text" },
  severity: { type: "severity", values: ["critical", "error"] },
  source: { type: "reference" },
  occurred: { type: "time" },
  seq: { type: "integer" },
};

describe("placeAt", () => {
  it.each([
    ["", { field: "", typed: "", start: 0, end: 0 }],
    ["disk se", { field: "", typed: "se", start: 5, end: 7 }],
    ["-ho", { field: "", typed: "ho", start: 1, end: 3 }],
    ["(host:we", { field: "host", typed: "we", start: 6, end: 8 }],
    ['host="a b', { field: "host", typed: "a b", start: 5, end: 9 }],
    ["labels.team!=", { field: "labels.team", typed: "", start: 13, end: 13 }],
    ['"disk fu', null],
    ["host~^we", null],
  ])("%j", (text, place) => {
    expect(placeAt(text, text.length)).toEqual(place);
  });
});

describe("suggestions", () => {
  it("names what begins so first, then what holds it, with a fitting operator", () => {
    expect(names(fields, ["team", "service"], "se").map((each) => each.written)).toEqual([
      "severity>=",
      "seq>=",
      "labels.service:",
    ]);
    expect(names(fields, [], "our").map((each) => each.text)).toEqual(["source"]);
  });

  it("knows the values of choices, and that those of texts must be looked for", () => {
    expect(values(fields["severity"], "C")?.map((each) => each.text)).toEqual(["critical"]);
    expect(values(fields["occurred"], "-1")?.map((each) => each.written)).toEqual(["-15m", "-1h", "-1d"]);
    expect(values(fields["seq"], "4")).toEqual([]);
    expect(values({ type: "membership" }, "w")).toEqual([]);
    expect(values(fields["host"], "w")).toBeNull();
    expect(values(undefined, "w")).toBeNull();
  });

  it("shows the empty value, and how many have one", () => {
    expect(suggestion("", 3)).toEqual({ text: '""', written: '""', count: 3 });
  });
});

describe("accept", () => {
  it("replaces what is typed, and goes on behind it", () => {
    const text = "host:we disk";
    const place = placeAt(text, 7)!;
    expect(accept(text, place, suggestion("web 1"))).toEqual({ text: 'host:"web 1" disk', caret: 12 });
    const name = placeAt("ho", 2)!;
    expect(accept("ho", name, names(fields, [], "ho")[0]!)).toEqual({ text: "host:", caret: 5 });
  });
});
