// Judges findings that a reader sent, beside the server's own thread: they may be made up to keep a judge busy.
import { parentPort, workerData } from "node:worker_threads";
import { papers, sortJudgments } from "@gradus/papers";
import type { JudgeAnswer, JudgeRequest } from "./judge.ts";

const { paper, experiment: id, findings }: JudgeRequest = workerData;
const post = (answer: JudgeAnswer) => parentPort?.postMessage(answer);

const entry = papers.find(({ slug }) => slug === paper)?.experiments.find((one) => one.id === id);
const experiment = await entry?.load();
post({ kind: "ready" });
try {
  if (!experiment) throw new Error(`there is no experiment ${id} of ${paper}`);
  post({ kind: "judged", ...sortJudgments(experiment.judge(findings)) });
} catch (error) {
  post({ kind: "refused", reason: error instanceof Error ? error.message : String(error) });
}
