/** The columns of the list of events: which, in what order, and how wide. */
import type { EventItem } from "../api/client";
import { objectOf } from "./objects";

export interface Column {
  field: string;
  /** In pixels; 0 for what the others leave. */
  width: number;
}

/** The columns that are offered, beside those of labels. */
export const OFFERED = [
  ...["time", "severity", "object", "title", "kind", "state", "host", "service", "key", "rule", "outcome"],
  ...["description", "output", "author", "source_tool", "source_id", "alert_id", "id"],
] as const;
export const NARROWEST = 60;
export const WIDEST = 800;

const WIDTHS: Record<string, number> = { time: 120, severity: 110, title: 0, description: 0, output: 0 };
const USUAL_WIDTH = 150;
const MOST = 20;
const PREFIX = "labels.";

/** Reads columns as an address has them: `time:120,title`. What is none is left out. */
export function readColumns(written: string): Column[] {
  const found = new Map<string, Column>();
  for (const part of written.split(",").slice(0, MOST)) {
    const [, name, width] = /^(.+?)(?::(\d{1,4}))?$/.exec(part) ?? [];
    const field = name ? decoded(name) : "";
    if (!isColumn(field)) continue;
    found.set(field, { field, width: width ? within(Number(width)) : usualWidth(field) });
  }
  return [...found.values()];
}

/** Writes columns for an address. */
export function writeColumns(columns: readonly Column[]): string {
  return columns.map(({ field, width }) => `${encodeURIComponent(field)}:${width}`).join(",");
}

/** Gives a column as it is added. */
export function columnOf(field: string): Column {
  return { field, width: usualWidth(field) };
}

/** Gives the field of the column of a label. */
export function labelColumn(label: string): string {
  return `${PREFIX}${label}`;
}

/** Moves a column by so many places. */
export function moved(columns: readonly Column[], field: string, by: number): Column[] {
  const next = [...columns];
  const from = next.findIndex((each) => each.field === field);
  const to = from + by;
  if (from < 0 || to < 0 || to >= next.length) return next;
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** Gives the tracks of the grid in which the columns stand. */
export function tracks(columns: readonly Column[]): string {
  return columns.map(({ width }) => (width ? `${width}px` : "minmax(120px, 1fr)")).join(" ");
}

/** Gives the text that an event has in a column. */
export function textOf(event: EventItem, field: string): string {
  if (field.startsWith(PREFIX)) return event.labels[field.slice(PREFIX.length)] ?? "";
  if (field === "object") return objectOf(event.host, event.service);
  const value = event[field as keyof EventItem];
  return typeof value === "string" ? value : "";
}

function isColumn(field: string): boolean {
  return (OFFERED as readonly string[]).includes(field) || (field.startsWith(PREFIX) && field !== PREFIX);
}

function usualWidth(field: string): number {
  return WIDTHS[field] ?? USUAL_WIDTH;
}

function within(width: number): number {
  return width && Math.min(WIDEST, Math.max(NARROWEST, width));
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return "";
  }
}
