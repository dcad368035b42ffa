import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { EventItem, Failure } from "./client";
import { follow } from "./stream";

const encoder = new TextEncoder();
let connections: { url: string; say(text: string): void; hangUp(): void }[];
let refusal: Response | undefined;

function item(seq: number) {
  return `id: ${seq}\nevent: event\ndata: {"seq": ${seq}}\n\n`;
}

beforeEach(() => {
  vi.useFakeTimers();
  connections = [];
  refusal = undefined;
  vi.stubGlobal("fetch", (url: string) => {
    if (refusal) return Promise.resolve(refusal);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
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

function listening(after: number | null = 7) {
  const seen: number[] = [];
  const told: string[] = [];
  const following = follow("host:a", after, {
    events: (found: EventItem[]) => seen.push(...found.map((event) => event.seq)),
    live: (missed) => told.push(missed ? "live with a gap" : "live"),
    broken: (delay) => told.push(`broken ${delay}`),
    refused: (failure: Failure) => told.push(`refused ${failure.status}`),
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
  const { told, following } = listening(null);
  await vi.advanceTimersByTimeAsync(0);
  expect(connections[0]?.url).toBe("/api/v1/events/stream?q=host%3Aa");
  connections[0]!.hangUp();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(["live", "broken 1000", "live with a gap"]);
  connections[1]!.say(item(3));
  await vi.advanceTimersByTimeAsync(200);
  connections[1]!.hangUp();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told.slice(3)).toEqual(["broken 1000", "live"]);
  following.stop();
});

it("does not repeat what is refused", async () => {
  refusal = new Response('{"detail": "no"}', { status: 400 });
  const { told } = listening();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual(["refused 400"]);
});
