import { expect, test } from "vitest";
import { freeName, sourceFor } from "./firstSource";

const known = (name: string, format = "grafana", enabled = true) => ({ name, format, enabled });

test("the source that was made before is found, and none that takes nothing or something else", () => {
  const mine = known("grafana-2");
  const others = [known("grafana", "zabbix"), known("grafana-x"), known("grafana-3", "grafana", false)];
  expect(sourceFor([...others, mine], "grafana", "grafana")).toBe(mine);
  expect(sourceFor(others, "grafana", "grafana")).toBeUndefined();
});

test("a name that is taken gets a number", () => {
  expect(freeName([], "grafana")).toBe("grafana");
  expect(freeName([known("grafana", "zabbix"), known("grafana-2")], "grafana")).toBe("grafana-3");
});
