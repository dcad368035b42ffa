import { describe, expect, it } from "vitest";
import { and, choiceOf, quote, split, toggle, without } from "./terms";

describe("split", () => {
  it.each([
    ["", []],
    ["disk", ["disk"]],
    ['severity>=warning  host:web-* "disk full"', ["severity>=warning", "host:web-*", '"disk full"']],
    ["a AND b NOT c", ["a", "b", "NOT c"]],
    ["(a OR b) c", ["(a OR b)", "c"]],
    ["a OR b", ["a OR b"]],
    ['a "b', ['a "b']],
    ["a) b", ["a) b"]],
    ['"a\\" OR b" c', ['"a\\" OR b"', "c"]],
    ["a NOT", ["a NOT"]],
  ])("%j", (expression, terms) => {
    expect(split(expression)).toEqual(terms);
  });
});

describe("toggle", () => {
  it("includes the first value, then others beside it, and takes each back", () => {
    let expression = toggle("disk", "host", "web-1", "included");
    expect(expression).toBe("disk host=web-1");
    expression = toggle(expression, "host", "db 1", "included");
    expect(expression).toBe('disk (host=web-1 OR host="db 1")');
    expect(choiceOf(expression, "host")).toEqual({ included: ["web-1", "db 1"], excluded: [] });
    expression = toggle(expression, "host", "web-1", "included");
    expect(expression).toBe('disk host="db 1"');
    expect(toggle(expression, "host", "db 1", "included")).toBe("disk");
  });

  it("excludes, and a value is never both", () => {
    let expression = toggle("", "kind", "info", "excluded");
    expression = toggle(expression, "kind", "note", "excluded");
    expect(expression).toBe("kind!=info kind!=note");
    expect(toggle(expression, "kind", "info", "included")).toBe("kind=info kind!=note");
  });

  it("keeps what it does not understand, and closes alternatives", () => {
    expect(toggle("host:web-* -host~x", "host", "a", "included")).toBe("host:web-* -host~x host=a");
    expect(toggle("a OR b", "host", "c", "included")).toBe("(a OR b) host=c");
    expect(toggle("(host=a OR service=b)", "host", "c", "included")).toBe("(host=a OR service=b) host=c");
    expect(toggle("host=a OR host=b", "host", "c", "excluded")).toBe("(host=a OR host=b) host!=c");
  });

  it("knows terms that were typed", () => {
    expect(choiceOf('-host:a host:b service!="x y"', "host")).toEqual({ included: ["b"], excluded: ["a"] });
    expect(choiceOf("host:a*", "host")).toEqual({ included: [], excluded: [] });
  });

  it("reads back what it wrote, whatever the value", () => {
    for (const value of ["", "*", 'a"b', "a\\b", "OR", "a b", "(x)", "ünï", "-1", "a:b"]) {
      const expression = toggle("disk", "labels.x", value, "included");
      expect(choiceOf(expression, "labels.x").included, expression).toEqual([value]);
      expect(toggle(expression, "labels.x", value, "included")).toBe("disk");
    }
  });
});

describe("the rest", () => {
  it("adds to alternatives as a whole", () => {
    expect(and("a OR b", "c")).toBe("(a OR b) c");
    expect(and("", "c")).toBe("c");
  });

  it("leaves out a term", () => {
    expect(without("a (b OR c) d", 1)).toBe("a d");
  });

  it("quotes only where it must", () => {
    expect(["db1", "a/b@c.d", "", "-a", "a b", 'a"'].map(quote)).toEqual([
      "db1",
      "a/b@c.d",
      '""',
      '"-a"',
      '"a b"',
      '"a\\""',
    ]);
  });
});
