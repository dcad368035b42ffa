/** The texts of the statistics page. */
function count(number: number): string {
  return number.toLocaleString("en");
}

export const statistics = {
  title: (q: string) => `${q ? `${q} · ` : ""}Statistics · Tocsin`,
  heading: "Statistics",
  cards: {
    label: "Numbers",
    events: "events",
    opened: "alerts opened",
    acknowledged: "acknowledged",
    resolved: "resolved",
    now: "not resolved now",
    mtta: "until acknowledged",
    mttr: "until resolved",
    median: (length: string) => `${length} median`,
    p95: (length: string) => `95 % within ${length}`,
    none: "–",
  },
  leftOut: (terms: string) => `Alerts do not know ${terms}: what is said of alerts leaves it out.`,
  overTime: "Over time",
  by: "By",
  rankings: { source: "Noisiest sources", rule: "Noisiest rules", host: "Noisiest hosts" } as Record<
    string,
    string
  >,
  count: "Events",
  share: "Share",
  percent: (part: number) => `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`,
  others: (groups: number) => `${count(groups)} others`,
  empty: "(empty)",
  durations: "How long alerts took",
  ended: "Ended by",
  severity: "Severity",
  all: "all",
  acknowledged: "acknowledgement",
  resolved: "resolution",
  alerts: "Alerts",
  median: "Median",
  p95: "95 % within",
  mean: "Mean",
  flapping: "Opened again most often",
  flappingNone: "No alert was opened twice.",
  object: "Host, service",
  key: "Key",
  times: "Opened",
  heat: "By weekday and hour",
  heatHint: (zone: string) => `Time zone ${zone}.`,
  weekday: "Weekday",
  hour: "Hour",
  days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
  cell: (day: string, hour: number, events: number) =>
    `${day} ${String(hour).padStart(2, "0")}:00: ${count(events)}`,
  csv: "CSV",
  csvOf: (what: string) => `${what} as CSV`,
  nothing: "Nothing in this time.",
};
