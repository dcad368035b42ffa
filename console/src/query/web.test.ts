import { describe, expect, it } from "vitest";
import { isWeb, runbookOf } from "./web";

describe("links of an alert", () => {
  it("lead to the web and nowhere else", () => {
    expect(isWeb("https://wiki.example/a")).toBe(true);
    for (const bad of ["javascript:alert(1)", "data:text/html,x", "//wiki.example", "ftp://wiki.example"])
      expect(isWeb(bad), bad).toBe(false);
  });

  it("find the runbook among the labels, however it is called", () => {
    for (const name of ["runbook_url", "runbook", "RunbookURL", "annotations.runbook_url", "runbook-link"])
      expect(runbookOf({ team: "a", [name]: "https://wiki.example/a" }), name).toBe("https://wiki.example/a");
    expect(runbookOf({ runbook_url: "javascript:alert(1)" })).toBe("");
    expect(runbookOf({ runbook_owner: "https://wiki.example/a" })).toBe("");
  });
});
