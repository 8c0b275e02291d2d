// The process that computes: it receives one request, sends the events of the run, and exits.
import type { Paper } from "@gradus/papers";
import { GradusError } from "gradus/check";
import type { ChildMessage, ChildRequest } from "./child-process.ts";
import { executeInProcess } from "./in-process.ts";
import { sendNotice } from "./notices.ts";

/** Resolves when the message has left this process. */
function send(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve());
  });
}

async function compute({ registry, request }: ChildRequest): Promise<void> {
  try {
    const { papers }: { papers: readonly Paper[] } = await import(registry);
    const run = executeInProcess(papers)(request, new AbortController().signal);
    for (;;) {
      const next = await run.next();
      if (next.done) {
        await send({ kind: "report", report: next.value });
        break;
      }
      // A checkpoint follows and holds what they say; it need not travel twice.
      if (next.value.kind === "stage" || next.value.kind === "iterate") continue;
      // Waiting for each, because a kernel may hold this thread next, and with it what has not left.
      await send({ kind: "event", event: next.value });
    }
  } catch (error) {
    const { name, message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    await send({ kind: "error", name, message, stack, expected: error instanceof GradusError });
  }
  process.disconnect();
}

// Ctrl-C reaches every process of the terminal's foreground group; the parent decides what it means.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
sendNotice();
process.once("message", (order: ChildRequest) => void compute(order));
