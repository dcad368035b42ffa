/** Follows events by the stream that all tabs share: a browser opens six connections to a server and no more. */
import { sessionEnded } from "./client";
import type { Following, Listener, Stream } from "./stream";
import type { Request } from "./worker";
import address from "./worker?sharedworker&url";

/** So long after its script could not be loaded the worker is begun anew, in milliseconds. */
const AGAIN = 2_000;
/** The stream of this page alone, in browsers without workers that are shared. */
let own: Stream | undefined;

function alone(q: string, after: number | null, listener: Listener): Following {
  let following: Following | undefined;
  let stopped = false;
  void import("./stream").then(({ Stream }) => {
    own ??= new Stream();
    if (!stopped) following = own.follow(q, after, listener);
  });
  return {
    stop: () => {
      stopped = true;
      return following ? following.stop() : after;
    },
    retry: () => following?.retry(),
  };
}

interface Policy {
  createScriptURL(url: string): string;
}
const { trustedTypes } = window as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } };
const policy = trustedTypes?.createPolicy("tocsin-worker", { createScriptURL: () => address });

/**
 * Follows the events that match an expression.
 * @param q the expression
 * @param after begins after the event with this number; null for now
 * @param listener is told what happens
 */
export function follow(q: string, after: number | null, listener: Listener): Following {
  const told: Listener = {
    ...listener,
    refused: (status) => {
      if (status === 401) sessionEnded();
      listener.refused(status);
    },
  };
  if (!("SharedWorker" in window)) return alone(q, after, told);
  let port: MessagePort;
  let last = after;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failed = false;
  const ask = (request: Request) => port.postMessage(request);
  function begin() {
    timer = undefined;
    const worker = new SharedWorker(policy?.createScriptURL(address) ?? address);
    worker.onerror = () => {
      failed = true;
      told.broken(AGAIN);
      timer ??= setTimeout(begin, AGAIN);
    };
    port = worker.port;
    port.onmessage = ({ data: [name, value] }) => {
      if (name === "events") last = value.at(-1).seq;
      told[name as keyof Listener]((name === "live" ? value || (failed && last === null) : value) as never);
      failed = false;
    };
    ask({ does: "follow", q, after: last });
  }
  begin();
  return {
    stop: () => {
      clearTimeout(timer);
      ask({ does: "stop" });
      port.close();
      return last;
    },
    retry: () => ask({ does: "retry" }),
  };
}
