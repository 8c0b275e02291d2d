import { on } from "node:events";
import type { Worker } from "node:worker_threads";
import type { Check, Undecided } from "@gradus/papers";
import { Problem } from "../http/problem.ts";
import { startWorker } from "../worker.ts";

/** What the worker is asked. */
export interface JudgeRequest {
  readonly paper: string;
  readonly experiment: string;
  readonly findings: unknown;
}

/** What the experiment's judge says of findings. */
export interface Judgments {
  readonly checks: readonly Check[];
  readonly undecided: readonly Undecided[];
}

/** What the worker answers: that it begins, then how it ended. */
export type JudgeAnswer =
  | { readonly kind: "ready" }
  | ({ readonly kind: "judged" } & Judgments)
  | { readonly kind: "refused"; readonly reason: string };

/** Milliseconds in which findings are judged: a thousand times what those of the papers' experiments take. */
const PATIENCE = 3000;
/** Memory of the judge, in MB. */
const MEMORY = 256;

const TOO_LONG = new Problem(
  "invalid_report",
  "“report.findings” take too long to judge.",
  "report.findings",
);

/**
 * Judges findings in a thread of its own, which is ended when it takes too long or too much memory.
 *
 * @throws Problem when the experiment's judge cannot read the findings
 */
export async function judgeInThread(
  request: JudgeRequest,
  {
    milliseconds = PATIENCE,
    start = (data: JudgeRequest) =>
      startWorker("#lib/server/reports/judge.worker.ts", data, { maxOldGenerationSizeMb: MEMORY }),
  }: { readonly milliseconds?: number; readonly start?: (data: JudgeRequest) => Worker } = {},
): Promise<Judgments> {
  const worker = start(request);
  const patience = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const [answer] of on(worker, "message", { signal: patience.signal, close: ["exit"] })) {
      const said: JudgeAnswer = answer;
      if (said.kind === "judged") return { checks: said.checks, undecided: said.undecided };
      if (said.kind === "refused")
        throw new Problem(
          "invalid_report",
          `“report.findings” is not what this experiment finds (${said.reason.slice(0, 200)}).`,
          "report.findings",
        );
      // Loading the experiment is not the sender's time.
      timer = setTimeout(() => patience.abort(), milliseconds);
    }
    throw TOO_LONG;
  } catch (error) {
    const outOfMemory =
      error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
    if (patience.signal.aborted || outOfMemory) throw TOO_LONG;
    throw error;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
