/** The texts of the page of silences, which are loaded with it. */
import { STALE_DAYS } from "../query/silencing";
import { alerts, count, events } from "./numbers";

export const silences = {
  title: "Silences · Tocsin",
  show: "Which silences",
  states: {
    active: "Active",
    ending: "Ending soon",
    stale: "Stale",
    pending: "To come",
    expired: "Over",
  },
  make: "New silence",
  everything: "everything",
  events: "what it held back",
  matched: (found: number) =>
    found ? `${events(found)} in ${STALE_DAYS} days` : `matched nothing in ${STALE_DAYS} days`,
  holds: (held: number) => `holds back ${alerts(held)} now`,
  holdsNone: "holds back nothing now",
  left: (time: string) => `another ${time}`,
  begins: (time: string) => `in ${time}`,
  change: "Change",
  changeTitle: "Change a silence",
  ends: "It ends",
  kept: "as it is",
  at: "at …",
  moment: "Moment",
  changed: "The silence is changed.",
  copy: "Copy",
  end: "End it now",
  ended: "The silence has ended. What it held back and is still open is passed on.",
  none: {
    active: "Nothing is silenced now.",
    ending: "No silence ends in the next two hours.",
    stale: "Every silence of more than a day matched something of late.",
    pending: "No silence is to come.",
    expired: "No silence ended of late.",
  },
  timeline: "What is silenced, and when",
  stretch: "How much time",
  stretches: { day: "Day", week: "Week", month: "Month" },
  now: "now",
  others: (rest: number) => `and ${count(rest)} others, which end later`,
};
