/** The severities, the worst first. */
export const SEVERITIES = ["critical", "error", "warning", "info", "none", "not_available"] as const;

/** Gives the place of a severity among them; whatever is none comes last. */
export function rankOf(severity: string): number {
  const rank = (SEVERITIES as readonly string[]).indexOf(severity);
  return rank < 0 ? SEVERITIES.length : rank;
}

/** Gives the worst of some severities. */
export function worst(severities: readonly [string, ...string[]]): string {
  return severities.reduce((found, each) => (rankOf(each) < rankOf(found) ? each : found));
}
