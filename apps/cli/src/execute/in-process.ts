import { availableParallelism } from "node:os";
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

/** Executes a request: yields what the run shows and returns its report; rejects with the signal's reason. */
export type Execute = (request: RunRequest, signal: AbortSignal) => AsyncGenerator<RunEvent, RunReport, void>;

/** Runs experiments of these papers in this process. */
export function executeInProcess(papers: readonly Paper[]): Execute {
  return async function* run({ paper: slug, experiment: id, profile, seed, set, resume }, signal) {
    const entry = papers.find((paper) => paper.slug === slug)?.experiments.find((e) => e.id === id);
    if (!entry) throw new Error(`the registry has no experiment ${slug}/${id}`);
    return yield* runExperiment(await entry.load(), {
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
  };
}
