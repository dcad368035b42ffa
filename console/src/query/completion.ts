/** What could be typed next in an expression. */
import { quote } from "./terms";

export interface Field {
  type: "text" | "choice" | "severity" | "integer" | "time" | "identifier" | "reference" | "membership";
  values?: readonly string[];
}

export type Fields = Readonly<Record<string, Field>>;

/** What is being typed: the name of a field, or a value of one. */
export interface Place {
  /** '' while its name is typed. */
  field: string;
  typed: string;
  /** Where what is typed begins and ends in the text. */
  start: number;
  end: number;
}

export interface Suggestion {
  /** What is shown. */
  text: string;
  /** What replaces the typed. */
  written: string;
  count?: number;
}

const COMPARISON = /^-?([A-Za-z_][A-Za-z0-9_.-]*)(:|=|!=|<=|>=|<|>|~)("?)(.*)$/su;
const OPERATOR: Record<Field["type"], string> = {
  text: ":",
  choice: "=",
  severity: ">=",
  integer: ">=",
  time: ">",
  identifier: "=",
  reference: "=",
  membership: ":",
};

/** What values these have is not told by counting them. */
const UNCOUNTED = new Set<Field["type"] | undefined>(["integer", "identifier", "membership"]);

/** Finds what is being typed at a place in a text; null inside of a phrase. */
export function placeAt(text: string, caret: number): Place | null {
  let start = 0;
  let quoted = false;
  for (let at = 0; at < caret; at++) {
    const character = text[at]!;
    if (character === "\\" && quoted) at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && /[\s()]/u.test(character)) start = at + 1;
  }
  const word = text.slice(start, caret);
  const [, field, operator, mark, typed] = COMPARISON.exec(word) ?? [];
  if (field !== undefined && operator !== "~") {
    return {
      field,
      typed: typed ?? "",
      start: caret - (mark ?? "").length - (typed ?? "").length,
      end: caret,
    };
  }
  if (quoted || operator === "~") return null;
  const minus = word.startsWith("-") ? 1 : 0;
  return { field: "", typed: word.slice(minus), start: start + minus, end: caret };
}

/** Suggests names of fields and labels. */
export function names(fields: Fields, labels: readonly string[], typed: string): Suggestion[] {
  const wanted = typed.toLowerCase();
  const all = [...Object.keys(fields), ...labels.map((label) => `labels.${label}`)];
  const begins = all.filter((name) => name.startsWith(wanted) || name.startsWith(`labels.${wanted}`));
  const holds = all.filter((name) => !begins.includes(name) && name.includes(wanted));
  return [...begins, ...holds].map((name) => ({
    text: name,
    written: `${name}${OPERATOR[fields[name]?.type ?? "text"]}`,
  }));
}

/** Suggests values that a field can have whatever was recorded; null where only what was recorded tells. */
export function values(field: Field | undefined, typed: string): Suggestion[] | null {
  if (field?.type === "time") {
    return ["-15m", "-1h", "-1d", "-7d"].filter((each) => each.startsWith(typed)).map(suggestion);
  }
  if (!field?.values) return UNCOUNTED.has(field?.type) ? [] : null;
  return field.values.filter((each) => each !== "" && each.startsWith(typed.toLowerCase())).map(suggestion);
}

/** Suggests a value, with how often it was found where that is known. */
export function suggestion(value: string, count?: number): Suggestion {
  const written = /^[-+]\d/u.test(value) ? value : quote(value);
  return typeof count === "number" && Number.isFinite(count)
    ? { text: value || '""', written, count }
    : { text: value, written };
}

/** Puts a suggestion into the text, and gives it with the new place of the caret. */
export function accept(text: string, place: Place, chosen: Suggestion): { text: string; caret: number } {
  const closes = place.field && !/^\s/u.test(text.slice(place.end)) ? " " : "";
  const before = text.slice(0, place.start) + chosen.written + closes;
  return { text: before + text.slice(place.end), caret: before.length };
}
