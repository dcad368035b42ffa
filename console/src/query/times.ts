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

/** Writes a moment as an input of date and time shows it: local, to the second. */
export function localTime(moment: number): string {
  return new Date(moment - new Date(moment).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** Writes a moment below a chart whose bars are that many seconds long. */
export function tick(moment: number, bar: number): string {
  const date = new Date(moment);
  if (bar >= DAY_SECONDS) return DAY.format(date);
  if (bar < 60) return CLOCK.format(date);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return isMidnight ? DAY.format(date) : MINUTES.format(date);
}

/** Writes a length of time, as exactly as one cares at such a length: `3 d 4 h`, `12 min`, `5 s`. */
export function lasting(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [minutes, hours, days] = [
    Math.floor(seconds / 60),
    Math.floor(seconds / 3600),
    Math.floor(seconds / DAY_SECONDS),
  ];
  if (days) return joined(days, "d", hours % 24, "h");
  if (hours) return joined(hours, "h", minutes % 60, "min");
  return minutes ? `${minutes} min` : `${seconds} s`;
}

function joined(many: number, unit: string, few: number, smaller: string): string {
  return few ? `${many} ${unit} ${few} ${smaller}` : `${many} ${unit}`;
}
