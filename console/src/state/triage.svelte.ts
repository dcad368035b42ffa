/** What people do with alerts. */
import { type AlertItem, api, body, messageOf } from "../api/client";
import { byId } from "../query/triage";
import { texts } from "../texts";
import { notices } from "./notices.svelte";

export type Action = "acknowledge" | "unacknowledge" | "resolve" | "assign" | "note";

/** The alerts that an action is for: ticked ones, or all that an expression finds. */
export interface Aim {
  ids: readonly string[] | null;
  q: string;
  /** How many they are. */
  count: number;
  /** How they are called: the title of one, or how many. */
  name: string;
}

export interface Words {
  comment: string;
  /** RFC 3339; '' for not by itself. */
  until?: string;
  untilChange?: boolean;
  /** Who is to see to it; '' for nobody. */
  assignee?: string;
}

/** Gives some alerts as what an action is for. */
export function aimAt(alerts: readonly AlertItem[]): Aim {
  const name = alerts.length === 1 ? alerts[0]!.title : texts.triage.alerts(alerts.length);
  return { ids: alerts.map((alert) => alert.id), q: "", count: alerts.length, name };
}

/** Does something with alerts, and says what was done; throws the failure where nothing was. */
export async function act(action: Action, aim: Aim, words: Words, done: () => void): Promise<void> {
  const parts = aim.ids ? byId(aim.ids) : [{ q: aim.q, expected: aim.count }];
  let count = 0;
  let missed = "";
  try {
    for (const part of parts) {
      const asked = {
        ...part,
        action,
        comment: words.comment,
        until_change: words.untilChange ?? false,
        until: words.until || null,
        ...(action === "assign" ? { assignee: words.assignee ?? "" } : {}),
      };
      const result = await body(api.POST("/api/v1/alerts/bulk", { body: asked }));
      count += result.done;
      missed ||= result.missed[0]?.reason ?? "";
    }
  } finally {
    if (count) done();
  }
  // What an expression finds is not the same afterwards: only what is known by its id is taken back.
  const { ids } = aim;
  const undo = action === "acknowledge" && count && ids ? () => void takeBack(ids, done) : null;
  notices.say(texts.triage.done[action](count, aim.count - count, missed), undo);
}

async function takeBack(ids: readonly string[], done: () => void): Promise<void> {
  for (const part of byId(ids)) {
    const asked = { ...part, action: "unacknowledge" as const, comment: "", until_change: false };
    await body(api.POST("/api/v1/alerts/bulk", { body: asked })).catch((fault) =>
      notices.say(messageOf(fault)),
    );
  }
  done();
}
