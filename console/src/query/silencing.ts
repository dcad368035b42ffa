/** How silences lie in time, and which of them want to be looked at. */
import type { SilenceItem } from "../api/client";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** What ends within that is ending. */
const SOON = 2 * HOUR;
/** What matched nothing for that long is stale. */
export const STALE_DAYS = 7;
/** One that holds for a shorter time is not stale. */
const YOUNG = DAY;
/** So much of a stretch lies before now. */
const PAST = 1 / 12;

/** The stretches that can be looked at, with what lies between two marks. */
export const STRETCHES = {
  day: { length: DAY, step: 3 * HOUR },
  week: { length: 7 * DAY, step: DAY },
  month: { length: 30 * DAY, step: 5 * DAY },
} as const;
export type Stretch = keyof typeof STRETCHES;

export interface Place {
  /** From the start of the stretch, in percent of it. */
  left: number;
  width: number;
  /** It goes on beyond the stretch. */
  goesOn: boolean;
}

/** Says whether a silence ends soon. */
export function isEnding(silence: SilenceItem, now: number): boolean {
  return silence.state === "active" && Date.parse(silence.ends_at ?? "") - now < SOON;
}

/**
 * Says whether a silence held for a while and matched nothing of late.
 * @param matched how many events it matched in the last days
 */
export function isStale(silence: SilenceItem, matched: number, now: number): boolean {
  return silence.state === "active" && !matched && now - Date.parse(silence.starts_at ?? "") > YOUNG;
}

/** Gives when a stretch begins that is looked at now. */
export function beginOf(stretch: Stretch, now: number): number {
  return now - STRETCHES[stretch].length * PAST;
}

/** Gives where a silence lies in a stretch; null where it lies outside. */
export function placeOf(silence: SilenceItem, stretch: Stretch, now: number): Place | null {
  const begin = beginOf(stretch, now);
  const { length } = STRETCHES[stretch];
  const from = Math.max(0, (Date.parse(silence.starts_at ?? "") - begin) / length);
  const to = (Date.parse(silence.ends_at ?? "") - begin) / length;
  if (from >= 1 || to <= 0) return null;
  return { left: from * 100, width: (Math.min(1, to) - from) * 100, goesOn: to > 1 };
}

/** Gives the marks of a stretch: whole hours or midnights of this machine, and where they lie in percent. */
export function marksOf(stretch: Stretch, now: number): { moment: number; left: number }[] {
  const { length, step } = STRETCHES[stretch];
  const begin = beginOf(stretch, now);
  const first = new Date(begin);
  first.setHours(0, 0, 0, 0);
  const marks = [];
  for (let moment = first.getTime(); moment < begin + length; moment += step) {
    // A day is not always 24 hours long.
    const mark = new Date(moment + (step >= DAY ? 2 * HOUR : 0));
    if (step >= DAY) mark.setHours(0, 0, 0, 0);
    if (mark.getTime() > begin)
      marks.push({ moment: mark.getTime(), left: ((mark.getTime() - begin) / length) * 100 });
  }
  return marks;
}
