/** An export under way: how far it is, and what it has become. */
import { api, body, isGivenUp, messageOf } from "../api/client";
import { type FileFormat, Rows } from "../query/rows";
import { texts } from "../texts";
import { download } from "./download";
import { notices } from "./notices.svelte";

/** So much is held in parts of its own before the browser may put it to its disk, in bytes. */
const TOGETHER = 8_000_000;

export interface Asked {
  kind: "events" | "alerts";
  q: string;
  from?: string;
  to?: string;
}

export class Exporting {
  running = $state(false);
  /** How many rows have come. */
  rows = $state(0);
  #request = new AbortController();

  /** Fetches the whole result of a search, and gives it as a file. A part of it is never given. */
  async start(asked: Asked, format: FileFormat): Promise<void> {
    this.#request = new AbortController();
    this.running = true;
    this.rows = 0;
    try {
      const { name, parts, type } = await this.#fetch(asked, format, this.#request.signal);
      download(name, parts, type);
      notices.say(texts.export.done(name));
    } catch (fault) {
      if (!isGivenUp(fault)) notices.say(this.rows ? texts.export.broken(this.rows) : messageOf(fault));
    } finally {
      this.running = false;
    }
  }

  /** Gives it up. */
  cancel(): void {
    this.#request.abort();
  }

  async #fetch({ kind, q, from, to }: Asked, format: FileFormat, signal: AbortSignal) {
    const time = { ...(from ? { from } : {}), ...(to ? { to } : {}) };
    const answer =
      kind === "events"
        ? api.GET("/api/v1/events/export", {
            params: { query: { format, q, ...time } },
            parseAs: "stream",
            signal,
          })
        : api.GET("/api/v1/alerts/export", { params: { query: { format, q } }, parseAs: "stream", signal });
    const stream = (await body<ReadableStream<Uint8Array<ArrayBuffer>> | null>(answer))!;
    const { headers } = (await answer).response;
    const reader = stream.getReader();
    const counted = new Rows(format);
    const parts: Blob[] = [];
    let held: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (value) {
        counted.take(value);
        this.rows = counted.count;
        held.push(value);
        size += value.length;
      }
      if (done || size > TOGETHER) {
        parts.push(new Blob(held));
        [held, size] = [[], 0];
      }
      if (done) break;
    }
    const named = /filename="([^"]+)"/.exec(headers.get("content-disposition") ?? "")?.[1];
    return { name: named ?? `tocsin-${kind}.${format}`, parts, type: headers.get("content-type") ?? "" };
  }
}
