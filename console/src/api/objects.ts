/** Hosts and services that an expression finds, all of them. */
import { quote } from "../query/terms";
import { api, body, type ObjectItem } from "./client";

const PAGE = 1_000;
/** Expressions have a limit of terms and of characters. */
const TOGETHER = 50;

/** Looks for everything that a downtime with an expression would be over: a host comes with its services. */
export async function reachOf(expression: string, signal: AbortSignal): Promise<ObjectItem[]> {
  const found = new Map<number, ObjectItem>();
  const add = (objects: ObjectItem[]) => {
    for (const each of objects) found.set(each.id, each);
  };
  add(await objectsOf(expression, signal));
  const hosts = [...found.values()].filter(({ service }) => !service).map(({ host }) => host);
  for (let start = 0; start < hosts.length; start += TOGETHER) {
    const part = hosts.slice(start, start + TOGETHER).map((host) => `host=${quote(host)}`);
    add(await objectsOf(part.join(" OR "), signal));
  }
  return [...found.values()];
}

async function objectsOf(q: string, signal: AbortSignal): Promise<ObjectItem[]> {
  const objects: ObjectItem[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: { q: string; limit: number; cursor: string } = { q, limit: PAGE, cursor };
    const page: { items: ObjectItem[]; next: string | null } = await body(
      api.GET("/api/v1/objects", { params: { query }, signal }),
    );
    objects.push(...page.items);
    cursor = page.next;
  }
  return objects;
}
