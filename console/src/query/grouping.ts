/** Groups of a list: by the values of a field or, of a time, by how long ago it was. */
import { texts } from "../texts";
import fields from "./fields.json";
import { rankOf, worst } from "./severities";
import { quote } from "./terms";

export interface Group {
  value: string;
  count: number;
  /** The worst severity in it, where that is known. */
  worst?: string;
}

/** The groups of a time, the newest first: since when; '' for the rest. */
export const AGES = ["-1h", "-1d", "-7d", ""];

/** Says whether a field of alerts is a time. */
export function isTime(field: string): boolean {
  return (fields.alerts as Record<string, { type: string }>)[field]?.type === "time";
}

/** Says what a group is called. */
export function nameOf(field: string, value: string): string {
  return (isTime(field) && texts.grouping.ages[value]) || value || texts.facets.empty;
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

/** Says of each group which is the worst of the severities that were counted in it. */
export function rated(
  groups: readonly Group[],
  counted: readonly { value: string; severity: string }[],
): Group[] {
  const severities = new Map<string, string>();
  for (const { value, severity } of counted)
    severities.set(value, worst([severity, severities.get(value) ?? severity]));
  return groups.map((group) => {
    const found = severities.get(group.value);
    return found === undefined ? group : { ...group, worst: found };
  });
}

/** Brings shown groups up to date without moving any: new ones come last. */
export function kept(shown: readonly Group[], found: readonly Group[]): Group[] {
  const now = new Map(found.map((group) => [group.value, group]));
  const known = new Set(shown.map(({ value }) => value));
  return [
    ...shown.map(({ value }) => now.get(value) ?? { value, count: 0 }),
    ...found.filter(({ value }) => !known.has(value)),
  ];
}
