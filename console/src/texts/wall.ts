/** What the wall says. */
import { count } from "./numbers";

export const wall = {
  title: (q: string) => `${q ? `${q} · ` : ""}Wall · Tocsin`,
  label: "Open alerts by severity",
  calm: "No problems now",
  groups: "Groups, the greatest first",
  restOf: (rest: number, groups: number) => `${count(rest)} more in ${count(groups)} other groups.`,
  acknowledged: (number: number) => `${count(number)} acknowledged`,
  oldest: "Longest unacknowledged",
  allTaken: "All are acknowledged",
  beat: (age: string) => `newest event ${age} ago`,
  silent: "nothing has come in yet",
  stale: (age: string) => `Nothing has come in for ${age}. What stands here may be old.`,
  lost: (age: string) => `Tocsin has not answered for ${age}. What stands here is old.`,
  leave: "Leave the wall",
  name: "Wall",
  noView: "This view is not there",
  noViewHint:
    "It was deleted, or is not shared with you. Ask whoever made it to share it, or choose another among the views.",
  toAlerts: "To the alerts",
};
