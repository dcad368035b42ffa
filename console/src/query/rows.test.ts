import { expect, it } from "vitest";
import { type FileFormat, Rows } from "./rows";

function counted(format: FileFormat, ...parts: string[]): number {
  const rows = new Rows(format);
  for (const part of parts) rows.take(new TextEncoder().encode(part));
  return rows.count;
}

it("counts the rows of a CSV, whatever their texts hold", () => {
  expect(counted("csv")).toBe(0);
  expect(counted("csv", "id,title\r\n")).toBe(0);
  expect(counted("csv", 'id,title\r\n1,"say ""x""\n', 'again"\r\n2,', "b\r\n")).toBe(2);
});

it("counts the rows of NDJSON and of an array", () => {
  expect(counted("ndjson", '{"a":"\\""}\n', "{}\n")).toBe(2);
  expect(counted("json", '[\n{"a":"\\""},\n{}')).toBe(1);
});
