/** Addresses that lead out of the console, and are safe to follow. */

const RUNBOOK = /(^|[._-])runbook([._-]?(url|link))?$/iu;

/** Says whether an address leads to a page of the web: whatever else a sender writes is no link. */
export function isWeb(address: string): boolean {
  return /^https?:\/\//iu.test(address);
}

/** Gives the address of the runbook that the labels name; '' where they name none. */
export function runbookOf(labels: Readonly<Record<string, string>>): string {
  const found = Object.entries(labels).find(([name, value]) => RUNBOOK.test(name) && isWeb(value.trim()));
  return found?.[1].trim() ?? "";
}
