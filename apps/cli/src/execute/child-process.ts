import { fork } from "node:child_process";
import { on, once } from "node:events";
import { fileURLToPath } from "node:url";
import type { RunReport } from "@gradus/papers";
import type { Execute, ExecuteEvent, RunRequest } from "./in-process.ts";
import { type NoticeMessage, withoutNotice } from "./notices.ts";

export interface ChildRequest {
  /** URL of a module that exports `papers`. */
  readonly registry: string;
  readonly request: RunRequest;
}

export type ChildMessage =
  | NoticeMessage
  | { readonly kind: "event"; readonly event: ExecuteEvent }
  | { readonly kind: "report"; readonly report: RunReport }
  | {
      readonly kind: "error";
      readonly name: string;
      readonly message: string;
      readonly stack: string;
      /** True for errors that the library throws on purpose. */
      readonly expected: boolean;
    };

/** An experiment failed in its process. */
export class ExperimentError extends Error {
  /** The name of the error's class there. */
  readonly kind: string;
  readonly expected: boolean;
  constructor(kind: string, message: string, options: { expected: boolean; stack?: string }) {
    super(message);
    this.name = "ComputeError";
    this.kind = kind;
    this.expected = options.expected;
    if (options.stack) this.stack = options.stack;
  }
}

/**
 * Runs experiments in a process of their own: a native kernel that blocks its thread for seconds holds up neither the
 * progress on the screen nor Ctrl-C, and a crash or lack of memory there loses no checkpoint.
 *
 * @param noticed called with notices of such a process's graph engine
 */
export function executeInChildProcess(registry: URL, noticed: (notice: string) => void): Execute {
  return async function* run(request, signal) {
    signal.throwIfAborted();
    const child = fork(fileURLToPath(new URL("./child.ts", import.meta.url)), {
      serialization: "advanced",
      env: {
        ...process.env,
        ...(request.threads === undefined ? {} : { GRADUS_THREADS: String(request.threads) }),
      },
      // What an experiment prints must not mix with results.
      stdio: ["ignore", 2, 2, "ipc"],
      execArgv: withoutNotice(),
    });
    try {
      const messages = on(child, "message", { signal, close: ["disconnect"] });
      child.send({ registry: registry.href, request } satisfies ChildRequest);
      for await (const [message] of messages as AsyncIterable<[ChildMessage]>) {
        if (message.kind === "notice") {
          noticed(message.notice);
          continue;
        }
        if (message.kind === "report") return message.report;
        if (message.kind === "error")
          throw new ExperimentError(message.name, message.message, {
            expected: message.expected,
            stack: message.stack,
          });
        yield message.event;
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit", { signal });
      throw new ExperimentError(
        "Crash",
        `the computing process ended (${child.signalCode ?? `exit status ${child.exitCode}`}) without a result; ` +
          "it may have run out of memory",
        { expected: true },
      );
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      child.kill("SIGKILL");
    }
  };
}
