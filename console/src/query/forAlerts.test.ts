import { expect, it } from "vitest";
import { forAlerts } from "./forAlerts";

it.each([
  ["", "", []],
  ["severity>=warning host:web-* disk", "severity>=warning host:web-* disk", []],
  ["kind:problem host:a -outcome=joined", "host:a", ["kind:problem", "-outcome=joined"]],
  ["state=ok labels.kind=x team:y", "labels.kind=x team:y", ["state=ok"]],
  ['title:"kind:problem"', 'title:"kind:problem"', []],
  ["(host:a OR kind:info) rule:x", "rule:x", ["(host:a OR kind:info)"]],
])("%j", (q, asked, without) => {
  expect(forAlerts(q)).toEqual({ q: asked, without });
});
