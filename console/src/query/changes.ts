/** What an entry of the audit log says of a change. */

export interface Change {
  member: string;
  before: string;
  after: string;
}

/** Gives each member that an entry names, as it was and as it is; '' where it was not. */
export function changes(details: Record<string, unknown>): Change[] {
  const [before, after] = [sideOf(details["before"]), sideOf(details["after"])];
  const members = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return members.map((member) => ({
    member,
    before: written(before[member]),
    after: written(after[member]),
  }));
}

function sideOf(side: unknown): Record<string, unknown> {
  return typeof side === "object" && side ? (side as Record<string, unknown>) : {};
}

function written(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
