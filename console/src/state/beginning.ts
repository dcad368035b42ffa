/** Whether nothing has come in yet, and nobody has said where it is to come from. */
import { api, body } from "../api/client";
import { session } from "./session.svelte";

/** A new domain has one source, for what comes without another. */
const FIRST = 1;

/** Says whether it is the first thing to do here to connect what sends; who may not do that is not led there. */
export async function isBeginning(): Promise<boolean> {
  if (!session.may("configure")) return false;
  const [events, sources] = await Promise.all([
    body(api.GET("/api/v1/events", { params: { query: { limit: 1 } } })),
    body(api.GET("/api/v1/sources")),
  ]);
  return !events.items.length && sources.items.length <= FIRST;
}
