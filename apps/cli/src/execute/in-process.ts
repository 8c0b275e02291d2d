import { availableParallelism } from "node:os";
import { workTimes } from "@gradus/graph";
import {
  type Paper,
  type Profile,
  type RunCheckpoint,
  type RunEvent,
  type RunReport,
  runExperiment,
} from "@gradus/papers";

/** One run of one experiment, in data that can be sent to another process. */
export interface RunRequest {
  readonly paper: string;
  readonly experiment: string;
  readonly profile: Profile;
  readonly seed: number;
  readonly set: Readonly<Record<string, unknown>>;
  /** ONNX Runtime's threads, for a process of its own; the runtime's choice when not given. */
  readonly threads?: number;
  readonly resume?: RunCheckpoint;
}

/** What a run spent in programs of the graph engine, in milliseconds; what was resumed is not in it. */
export interface RunTimes {
  readonly programs: number;
  readonly compiling: number;
  readonly runs: number;
  readonly running: number;
  readonly total: number;
}

/** What a run shows, and, as the last, what it spent. */
export type ExecuteEvent = RunEvent | { readonly kind: "times"; readonly times: RunTimes };

/** Executes a request: yields what the run shows and returns its report; rejects with the signal's reason. */
export type Execute = (
  request: RunRequest,
  signal: AbortSignal,
) => AsyncGenerator<ExecuteEvent, RunReport, void>;

/** Runs experiments of these papers in this process. */
export function executeInProcess(papers: readonly Paper[]): Execute {
  return async function* run({ paper: slug, experiment: id, profile, seed, set, resume }, signal) {
    const entry = papers.find((paper) => paper.slug === slug)?.experiments.find((e) => e.id === id);
    if (!entry) throw new Error(`there is no experiment ${slug}/${id}`);
    const experiment = await entry.load();
    const [before, begun] = [workTimes(), performance.now()];
    const report = yield* runExperiment(experiment, {
      paper: slug,
      profile,
      seed,
      set,
      resume,
      signal,
      environment: {
        runtime: `Node ${process.versions.node}`,
        platform: `${process.platform} ${process.arch}`,
        cores: availableParallelism(),
      },
    });
    const after = workTimes();
    const times: RunTimes = {
      programs: after.programs - before.programs,
      compiling: after.compiling - before.compiling,
      runs: after.runs - before.runs,
      running: after.running - before.running,
      total: performance.now() - begun,
    };
    yield { kind: "times", times };
    return report;
  };
}
