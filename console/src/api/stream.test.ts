import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { EventItem } from "./client";
import { Stream } from "./stream";

const encoder = new TextEncoder();
let connections: { url: string; say(text: string): void; hangUp(): void }[];
let refusal: Response | undefined;

function item(seq: number, matches?: number[]) {
  return `id: ${seq}\nevent: event\ndata: ${JSON.stringify({ seq, matches })}\n\n`;
}

beforeEach(() => {
  vi.useFakeTimers();
  connections = [];
  refusal = undefined;
  vi.stubGlobal("fetch", (url: string, { signal }: RequestInit) => {
    if (refusal) return Promise.resolve(refusal);
    if (url.includes("limit=1")) return Promise.resolve(Response.json({ items: [{ seq: 42 }] }));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        signal?.addEventListener("abort", () => controller.error(signal.reason));
        connections.push({
          url,
          say: (text) => controller.enqueue(encoder.encode(text)),
          hangUp: () => controller.close(),
        });
      },
    });
    return Promise.resolve(new Response(body));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function listening(after: number | null = 7, q = "host:a", stream = new Stream()) {
  const seen: number[] = [];
  const told: string[] = [];
  const following = stream.follow(q, after, {
    events: (found: EventItem[]) => seen.push(...found.map((event) => event.seq)),
    live: (missed) => told.push(missed ? "live with a gap" : "live"),
    broken: (delay) => told.push(`broken ${delay}`),
    refused: (status) => told.push(`refused ${status}`),
  });
  return { seen, told, following };
}

it("hands on what comes, in pieces or doubled, once", async () => {
  const { seen, told, following } = listening();
  await vi.advanceTimersByTimeAsync(0);
  expect(connections[0]?.url).toBe("/api/v1/events/stream?q=host%3Aa&after=7");
  connections[0]!.say(": tocsin\n\n");
  connections[0]!.say(item(8) + item(8) + item(9).slice(0, 12));
  connections[0]!.say(item(9).slice(12));
  await vi.advanceTimersByTimeAsync(200);
  expect(seen).toEqual([8, 9]);
  expect(told).toEqual(["live"]);
  expect(following.stop()).toBe(9);
});

it("resumes after the last one it saw, and waits longer each time", async () => {
  const { seen, told, following } = listening();
  await vi.advanceTimersByTimeAsync(0);
  connections[0]!.say(`${item(8)}id: 9\nevent: ev`);
  await vi.advanceTimersByTimeAsync(200);
  connections[0]!.hangUp();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["live", "broken 1000"]);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no route")));
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(["live", "broken 1000", "broken 2000"]);
  following.retry();
  await vi.advanceTimersByTimeAsync(0);
  expect(told.at(-1)).toBe("broken 4000");
  expect(seen).toEqual([8]);
  expect(following.stop()).toBe(8);
});

it("takes a silent stream for broken", async () => {
  const { told, following } = listening();
  await vi.advanceTimersByTimeAsync(41_500);
  expect(told).toEqual(["live", "broken 1000", "live"]);
  expect(connections).toHaveLength(2);
  following.stop();
});

it("says so where it cannot know what it missed", async () => {
  const answer = fetch;
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no route")));
  const { told, following } = listening(null);
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["broken 1000"]);
  vi.stubGlobal("fetch", answer);
  await vi.advanceTimersByTimeAsync(1000);
  expect(connections[0]?.url).toBe("/api/v1/events/stream?q=host%3Aa&after=42");
  expect(told).toEqual(["broken 1000", "live with a gap"]);
  connections[0]!.hangUp();
  await vi.advanceTimersByTimeAsync(1000);
  expect(connections[1]?.url).toBe("/api/v1/events/stream?q=host%3Aa&after=42");
  expect(told.slice(2)).toEqual(["broken 1000", "live"]);
  following.stop();
});

it("does not repeat what is refused", async () => {
  refusal = new Response('{"detail": "no"}', { status: 400 });
  const { told } = listening();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual(["refused 400"]);
});

it.each([429, 502, 503])("tries again where a server is in trouble: %i", async (status) => {
  refusal = new Response(null, { status });
  const { told, following } = listening();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["broken 1000"]);
  refusal = undefined;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual(["broken 1000", "live"]);
  following.stop();
});

it("refuses nobody where it cannot find out who follows what is wrong", async () => {
  vi.stubGlobal("fetch", (url: string) =>
    Promise.resolve(new Response(null, { status: url.includes("/stream") ? 400 : 503 })),
  );
  const stream = new Stream();
  const both = [listening(7, "wrong", stream), listening(7, "host:a", stream)];
  await vi.advanceTimersByTimeAsync(100);
  for (const { told, following } of both) {
    expect(told).toEqual(["broken 1000"]);
    following.stop();
  }
});

it("follows all expressions by one connection, and resumes where the furthest behind is", async () => {
  const stream = new Stream();
  const first = listening(7, "host:a", stream);
  await vi.advanceTimersByTimeAsync(0);
  connections[0]!.say(item(9));
  await vi.advanceTimersByTimeAsync(200);
  const second = listening(8, "host:b", stream);
  const third = listening(9, "host:a", stream);
  await vi.advanceTimersByTimeAsync(0);
  expect(connections).toHaveLength(2);
  expect(connections[1]?.url).toBe("/api/v1/events/stream?q=host%3Aa&q=host%3Ab&after=8");
  connections[1]!.say(item(9, [0, 1]) + item(10, [1]) + item(11, [0]));
  await vi.advanceTimersByTimeAsync(200);
  expect(first.seen).toEqual([9, 11]);
  expect(second.seen).toEqual([9, 10]);
  expect(third.seen).toEqual([11]);
  expect(first.told).toEqual(["live", "live"]);
  expect(third.following.stop()).toBe(11);
  await vi.advanceTimersByTimeAsync(0);
  expect(connections).toHaveLength(2);
  first.following.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(connections[2]?.url).toBe("/api/v1/events/stream?q=host%3Ab&after=11");
  second.following.stop();
});

it("refuses only who follows what is wrong", async () => {
  const asked = vi.fn((url: string) =>
    Promise.resolve(new Response(null, { status: url.includes("wrong") ? 400 : 200 })),
  );
  vi.stubGlobal("fetch", asked);
  const stream = new Stream();
  const wrong = listening(7, "wrong", stream);
  const right = listening(7, "host:a", stream);
  await vi.advanceTimersByTimeAsync(100);
  expect(wrong.told).toEqual(["refused 400"]);
  expect(right.told).not.toContain("refused 400");
  expect(asked.mock.calls.at(-1)?.[0]).toBe("/api/v1/events/stream?q=host%3Aa&after=7");
  right.following.stop();
});
