/** The worker that all tabs of a browser share: it holds the one stream, and hands on what each tab follows. */
import { type Following, Stream } from "./stream";

export type Request = { does: "follow"; q: string; after: number | null } | { does: "stop" | "retry" };

const stream = new Stream();

function serve(port: MessagePort): void {
  let following: Following | undefined;
  port.onmessage = ({ data }: MessageEvent<Request>) => {
    if (data.does === "retry") following?.retry();
    else following?.stop();
    if (data.does !== "follow") return;
    following = stream.follow(data.q, data.after, {
      events: (found) => port.postMessage(["events", found]),
      live: (missed) => port.postMessage(["live", missed]),
      broken: (delay) => port.postMessage(["broken", delay]),
      refused: (status) => port.postMessage(["refused", status]),
    });
  };
  // A tab that crashed says nothing any more.
  port.addEventListener("close", () => following?.stop());
}

addEventListener("connect", (event) => serve((event as MessageEvent).ports[0]!));
