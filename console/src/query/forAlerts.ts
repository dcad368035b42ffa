/** An expression about events, as far as alerts know what it asks for. */
import fields from "./fields.json";
import { join, split } from "./terms";

const NAMED = /(?<![\w."\\])([A-Za-z_][\w.]*)(?=\s*(?:[:~<>]|!?=))/g;
/** Fields of the same name that mean something else for alerts. */
const OTHERS = new Set(["id", "state"]);

export interface ForAlerts {
  /** What alerts can be asked. */
  q: string;
  /** The terms that are left out. */
  without: string[];
}

/** Leaves out of an expression about events the terms that name what alerts do not have. */
export function forAlerts(q: string): ForAlerts {
  const terms = split(q);
  const without = terms.filter((term) => fieldsOf(term).some(isOfEventsOnly));
  return { q: join(terms.filter((term) => !without.includes(term))), without };
}

function fieldsOf(term: string): string[] {
  const bare = term.replace(/"(?:\\.|[^"\\])*"/g, '""');
  return [...bare.matchAll(NAMED)].map((found) => found[1]!);
}

function isOfEventsOnly(name: string): boolean {
  const known = { ...fields.events, occurred_at: 1, recorded_at: 1 };
  return name in known && (!(name in fields.alerts) || OTHERS.has(name));
}
