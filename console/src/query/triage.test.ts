import { describe, expect, it } from "vitest";
import type { AlertItem } from "../api/client";
import { byId, likeThese, ORDERS, patched, sorted, unique } from "./triage";

function alert(id: string, more: Partial<AlertItem> = {}): AlertItem {
  return {
    id,
    state: "open",
    severity: "critical",
    count: 1,
    opened_at: `2026-11-22T00:00:0${id}Z`,
    silenced_by: "",
    ...more,
  } as AlertItem;
}

const ids = (alerts: AlertItem[]) => alerts.map(({ id }) => id).join("");

describe("triage", () => {
  it("puts what nobody is on first, then the worst, then the newest", () => {
    const alerts = [
      alert("1"),
      alert("2", { severity: "warning" }),
      alert("3", { state: "acknowledged", count: 9 }),
      alert("4", { silenced_by: "silence-1" }),
      alert("5"),
    ];
    expect(ORDERS.map((order) => ids(sorted(alerts, order)))).toEqual(["51243", "54321", "12345", "35421"]);
  });

  it("brings up to date without moving anything", () => {
    const shown = [alert("1"), alert("2"), alert("3")];
    const found = [alert("4"), alert("3", { count: 7 }), alert("1"), alert("5")];
    const { items, gone, waiting } = patched(shown, found);
    expect(ids(items)).toBe("123");
    expect(items[2]?.count).toBe(7);
    expect([...gone]).toEqual(["2"]);
    expect(waiting).toBe(2);
    expect(patched(shown, found, false).waiting).toBe(1);
    expect(patched(shown, [alert("4")], false).waiting).toBe(0);
  });

  it("names alerts in expressions that are not too long", () => {
    const parts = byId(
      Array.from({ length: 250 }, (_, number) => `alert-${String(number).padStart(12, "0")}`),
    );
    expect(parts.map(({ expected }) => expected)).toEqual([100, 100, 50]);
    expect(Math.max(...parts.map(({ q }) => q.length))).toBeLessThan(4096);
    expect(byId(["alert-1", "alert-2"])).toEqual([{ q: "id=alert-1 OR id=alert-2", expected: 2 }]);
  });

  it("writes filters for what is like them", () => {
    const disk = alert("1", { host: "db 1", service: "disk", key: "db1/disk" });
    expect(likeThese([disk])).toBe('host="db 1" service=disk');
    expect(likeThese([alert("2", { host: "", service: "", key: "a b" })])).toBe('key="a b"');
    expect(likeThese([disk, { ...disk, id: "3" }, alert("4", { host: "web", service: "" })])).toBe(
      '(host="db 1" service=disk) OR host=web',
    );
  });
});

it("has an alert that became another between two requests once, as it was told last", () => {
  const found = [alert("1"), alert("2"), alert("1", { severity: "warning" })];
  expect(unique(found).map(({ id, severity }) => [id, severity])).toEqual([
    ["1", "warning"],
    ["2", "critical"],
  ]);
});
