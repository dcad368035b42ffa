/** How times are written for people, in the time zone of their machine. */

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const MINUTES = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });
const DAY_SECONDS = 86_400;

/** Writes a moment as short as it stays clear: the clock for today, the day before it for others. */
export function short(moment: number, now: number): string {
  const date = new Date(moment);
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return CLOCK.format(date);
  if (date.getFullYear() === today.getFullYear()) return `${DAY.format(date)} ${MINUTES.format(date)}`;
  return YEAR.format(date);
}

/** Writes a moment with day, time and zone. */
export function full(moment: number): string {
  return FULL.format(new Date(moment));
}

/** Writes a moment below a chart whose bars are that many seconds long. */
export function tick(moment: number, bar: number): string {
  const date = new Date(moment);
  if (bar >= DAY_SECONDS) return DAY.format(date);
  if (bar < 60) return CLOCK.format(date);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return isMidnight ? DAY.format(date) : MINUTES.format(date);
}

/** Writes a length of time by its two greatest units: `3 d 4 h`. */
export function lasting(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [
    [Math.floor(seconds / DAY_SECONDS), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([number]) => number > 0);
  if (first < 0) return "0 s";
  const shown = parts.slice(first, first + 2).filter(([number]) => number > 0);
  return shown.map(([number, unit]) => `${number} ${unit}`).join(" ");
}
