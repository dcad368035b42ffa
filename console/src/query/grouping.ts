/** Groups of a list: by the values of a field or, of a time, by how long ago it was. */
import fields from "./fields.json";
import { rankOf } from "./severities";
import { quote } from "./terms";

export interface Group {
  value: string;
  count: number;
}

/** The groups of a time, the newest first: since when; '' for the rest. */
export const AGES = ["-1h", "-1d", "-7d", ""];

/** Says whether a field of alerts is a time. */
export function isTime(field: string): boolean {
  return (fields.alerts as Record<string, { type: string }>)[field]?.type === "time";
}

/** Writes the term that finds what is in a group. */
export function termOf(field: string, value: string): string {
  if (isTime(field)) return termOfAge(field, value);
  return `${field}=${value ? quote(value) : '""'}`;
}

function termOfAge(field: string, age: string): string {
  const newer = AGES[AGES.indexOf(age) - 1];
  return [newer && `${field}<${newer}`, age && `${field}>=${age}`].filter(Boolean).join(" ");
}

/** Puts the groups of a field into order: severities by how bad they are, others stay, the greatest first. */
export function inOrder(field: string, groups: readonly Group[]): Group[] {
  return field === "severity" ? [...groups].sort((a, b) => rankOf(a.value) - rankOf(b.value)) : [...groups];
}

/** Brings shown groups up to date without moving any: new ones come last. */
export function kept(shown: readonly Group[], found: readonly Group[]): Group[] {
  const now = new Map(found.map(({ value, count }) => [value, count]));
  const known = new Set(shown.map(({ value }) => value));
  return [
    ...shown.map(({ value }) => ({ value, count: now.get(value) ?? 0 })),
    ...found.filter(({ value }) => !known.has(value)),
  ];
}
