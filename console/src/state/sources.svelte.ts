/** The sources, and what came from each. */
import { api, body, type SourceItem } from "../api/client";

/** So many sources are asked at once for their newest event. */
const TOGETHER = 4;
/** The most groups that one count shows. */
const MOST = 1_000;
const DAY = "-1d";

export interface SourceRow extends SourceItem {
  /** How many events came in the last 24 hours. */
  count: number;
  /** When the newest event was recorded; null for never. */
  newest: string | null;
}

/** Looks for all sources, with what came from them. */
export async function sourceRows(): Promise<SourceRow[]> {
  const query = { by: "source_id", from: DAY, limit: MOST };
  const [sources, counts] = await Promise.all([
    body(api.GET("/api/v1/sources")),
    body(api.GET("/api/v1/events/count", { params: { query } })),
  ]);
  const byId = new Map(counts.items.map((item) => [item.values?.["source_id"], item.count]));
  const rows: SourceRow[] = [];
  for (let start = 0; start < sources.items.length; start += TOGETHER) {
    const part = sources.items.slice(start, start + TOGETHER).map(async (source) => ({
      ...source,
      count: byId.get(source.id) ?? 0,
      newest: await newestOf(source.id),
    }));
    rows.push(...(await Promise.all(part)));
  }
  return rows;
}

/** Looks for the source of a name or an id; null where there is none. */
export async function findSource(nameOrId: string): Promise<SourceItem | null> {
  const { items } = await body(api.GET("/api/v1/sources"));
  return (
    items.find((source) => source.id === nameOrId) ?? items.find((source) => source.name === nameOrId) ?? null
  );
}

async function newestOf(id: string): Promise<string | null> {
  const query = { q: `source_id=${id}`, limit: 1 };
  const { items } = await body(api.GET("/api/v1/events", { params: { query } }));
  return items[0]?.recorded_at ?? null;
}
