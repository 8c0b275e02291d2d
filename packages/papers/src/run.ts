import { ArgumentError, GradusError } from "gradus/check";
import { pacer, parseCheckpoint, serializeCheckpoint } from "gradus/iterate";
import type { z } from "zod";
import { type Check, sortJudgments, type Undecided } from "./check.ts";
import {
  type Experiment,
  type ExperimentDefinition,
  type ExperimentEvent,
  type Matrix,
  type PlotData,
  type PlotSpecification,
  type Point,
  type Presentation,
  type Profile,
  progress,
  type Table,
} from "./experiment.ts";
import { type FinishedParts, resumableParts } from "./resumable-parts.ts";

/** Where a run was made. */
export interface Environment {
  /** Such as `Node 24.21.0` or `Chromium 140`. */
  readonly runtime: string;
  readonly platform: string;
  readonly cores: number;
}

/** The state from which an interrupted run continues: its finished stages, and how far methods in others have come. */
export interface RunCheckpoint extends FinishedParts {
  readonly format: 1;
  readonly paper: string;
  readonly experiment: string;
  readonly profile: Profile;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Milliseconds spent so far. */
  readonly elapsed: number;
}

/** Everything a run measured: the JSON that is downloaded, stored and shown. */
export interface RunReport {
  readonly format: 1;
  readonly paper: string;
  readonly experiment: string;
  readonly title: string;
  readonly profile: Profile;
  readonly seed: number;
  /** The experiment has no randomness: the seed changes nothing and is not shown. */
  readonly seedless?: true;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Whether a parameter differs from the profile's: the checks then say nothing about the paper's claim. */
  readonly modified: boolean;
  /** What was measured, as plain data: it can be judged and presented again without measuring. */
  readonly findings: unknown;
  readonly checks: readonly Check[];
  /** Claims that this run cannot decide. */
  readonly undecided: readonly Undecided[];
  /** What was found, in one sentence. */
  readonly headline: string;
  readonly summary: readonly string[];
  readonly captions: Readonly<Record<string, string>>;
  readonly plots: readonly PlotSpecification[];
  /** Points by plot id, then by series. */
  readonly series: Readonly<Record<string, Readonly<Record<string, readonly Point[]>>>>;
  /** Matrices by plot id, then by series, where there are heat maps. */
  readonly matrices?: Readonly<Record<string, Readonly<Record<string, Matrix>>>>;
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
  /** What the experiment's exploration needs, where it kept something. */
  readonly explorable?: unknown;
  readonly environment: Environment;
  /** ISO instant. */
  readonly startedAt: string;
  /** Milliseconds of computing, over all parts of a resumed run. */
  readonly elapsed: number;
}

/** Which paper's experiment is run, how, and where. */
export interface RunOptions {
  readonly paper: string;
  readonly profile?: Profile;
  readonly seed?: number;
  /** Parameters that replace the profile's. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  readonly resume?: RunCheckpoint;
  /** Least milliseconds between two checkpoints inside a stage; 10 seconds when not given. */
  readonly checkpointInterval?: number;
  readonly environment: Environment;
}

/** What a run yields: the experiment's events, and a checkpoint after each finished stage and now and then inside one. */
export type RunEvent = ExperimentEvent | { readonly kind: "checkpoint"; readonly checkpoint: RunCheckpoint };

/** An experiment parameter that does not exist or is out of bounds. */
export class ParameterError extends ArgumentError {
  override name = "ParameterError";
  readonly parameter: string;
  constructor(parameter: string, message: string) {
    super(message);
    this.parameter = parameter;
  }
}

/**
 * The parameters of a run: the schema's defaults, then the profile's values, then `set`.
 *
 * @throws ParameterError naming the parameter, what it got and what it wanted
 */
export function resolveParameters<S extends z.ZodObject>(
  experiment: Pick<Experiment<S>, "id" | "parameters" | "profiles">,
  profile: Profile,
  set: Readonly<Record<string, unknown>> = {},
): z.infer<S> {
  const known = Object.keys(experiment.parameters.shape);
  for (const name of Object.keys(set))
    if (!known.includes(name))
      throw new ParameterError(
        name,
        `${experiment.id} has no parameter "${name}"; it has ${known.length > 0 ? known.join(", ") : "none"}`,
      );
  const parsed = experiment.parameters.safeParse({ ...experiment.profiles[profile], ...set });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = String(issue.path[0] ?? "");
  throw new ParameterError(
    name,
    `parameter ${name} of ${experiment.id}: ${issue.message}; got ${JSON.stringify(set[name])}`,
  );
}

/** Collects what a run shows, so that a report or a page can be drawn from it at any time. */
export class Collector {
  readonly series: Record<string, Record<string, Point[]>> = {};
  readonly matrices: Record<string, Record<string, Matrix>> = {};
  readonly notes: string[] = [];
  explorable: unknown;

  add(event: RunEvent): void {
    if (event.kind === "points") {
      this.series[event.plot] ??= {};
      const plot = this.series[event.plot];
      if (event.replaces) plot[event.series] = [];
      else plot[event.series] ??= [];
      // What is replaced by nothing was there for the time of the run.
      if (event.replaces && event.points.length === 0) delete plot[event.series];
      for (const p of event.points) plot[event.series].push(p);
    } else if (event.kind === "matrix") {
      this.matrices[event.plot] ??= {};
      this.matrices[event.plot][event.series] = event.matrix;
    } else if (event.kind === "note") this.notes.push(event.text);
    else if (event.kind === "explorable") this.explorable = event.value;
  }
}

/** What a report, or a run that goes on, has for one of its plots. */
export function plotData(
  { series, matrices = {} }: Pick<RunReport, "series" | "matrices">,
  plot: string,
): PlotData {
  return { ...series[plot], ...matrices[plot] };
}

/** The reading of findings: checks, undecided claims, and the presentation. */
export interface Judged extends Presentation {
  readonly findings: unknown;
  readonly checks: readonly Check[];
  readonly undecided: readonly Undecided[];
  readonly tables: readonly Table[];
}

/**
 * Judges and presents findings, measured now or kept.
 *
 * @throws DataError when they are not plain data
 */
export function judged(
  { judge, present }: Pick<ExperimentDefinition, "judge" | "present">,
  findings: unknown,
): Judged {
  // Read back from JSON, so that the judged findings are the ones that are kept.
  const kept = parseCheckpoint(serializeCheckpoint(findings));
  return {
    tables: [],
    ...present(kept),
    findings: kept,
    ...sortJudgments(judge(kept)),
  };
}

const CHECKPOINT_INTERVAL = 10_000;

/**
 * Runs an experiment: yields its events and a `checkpoint` after each finished stage and, at most every
 * `checkpointInterval` milliseconds, inside one; returns the report. A resumed run takes finished stages and what they
 * showed from the checkpoint, in the experiment's order, and continues methods after their last iterate in it: the report
 * is that of an uninterrupted run.
 *
 * @throws ParameterError on unknown or invalid parameters
 * @throws GradusError when the checkpoint belongs to another run, or a check is NaN because nothing was measured
 * @throws the signal's reason when `signal` is aborted
 */
export async function* runExperiment(
  experiment: Experiment,
  {
    paper,
    profile = "quick",
    seed = 1,
    set = {},
    signal,
    resume,
    checkpointInterval = CHECKPOINT_INTERVAL,
    environment,
  }: RunOptions,
): AsyncGenerator<RunEvent, RunReport, void> {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new ParameterError("seed", `seed must be a non-negative integer, got ${seed}`);
  const parameters = resolveParameters(experiment, profile, set);
  if (resume) assertSameRun(resume, { paper, experiment: experiment.id, profile, seed, parameters });
  const begun = performance.now();
  const startedAt = new Date().toISOString();
  const before = resume?.elapsed ?? 0;
  const elapsed = () => before + performance.now() - begun;
  const collector = new Collector();
  const parts = resumableParts(resume, checkpointInterval);
  const effectiveSignal = signal ?? new AbortController().signal;
  const pace = pacer();

  const { stage, resumable } = parts;
  const context = { parameters, profile, seed, signal: effectiveSignal, stage, resumable };
  const run = experiment.measure(context);
  try {
    for (;;) {
      effectiveSignal.throwIfAborted();
      const next = await run.next();
      if (next.done) {
        yield progress(1, "done");
        return {
          format: 1,
          paper,
          experiment: experiment.id,
          title: experiment.title,
          profile,
          seed,
          ...(experiment.seedless ? { seedless: true } : {}),
          parameters,
          modified: JSON.stringify(parameters) !== JSON.stringify(resolveParameters(experiment, profile)),
          ...judged(experiment, next.value),
          plots: experiment.plots,
          series: collector.series,
          ...(Object.keys(collector.matrices).length > 0 ? { matrices: collector.matrices } : {}),
          notes: collector.notes,
          ...(collector.explorable === undefined ? {} : { explorable: collector.explorable }),
          environment,
          startedAt,
          elapsed: elapsed(),
        };
      }
      const event = next.value;
      collector.add(event);
      parts.show(event);
      yield event;
      if (event.kind === "stage" || event.kind === "iterate")
        yield {
          kind: "checkpoint",
          checkpoint: {
            format: 1,
            paper,
            experiment: experiment.id,
            profile,
            seed,
            parameters,
            ...parts.finished(),
            elapsed: elapsed(),
          },
        };
      const turn = pace();
      if (turn) await turn;
    }
  } finally {
    await run.return(undefined as never);
  }
}

function assertSameRun(
  checkpoint: RunCheckpoint,
  run: Pick<RunCheckpoint, "paper" | "experiment" | "profile" | "seed" | "parameters">,
): void {
  if (checkpoint.format !== 1)
    throw new GradusError(`the checkpoint has format ${checkpoint.format}; this version reads format 1`);
  for (const key of ["paper", "experiment", "profile", "seed", "parameters"] as const) {
    const stored = JSON.stringify(checkpoint[key]);
    const wanted = JSON.stringify(run[key]);
    if (stored !== wanted)
      throw new GradusError(
        `the checkpoint is of another run: its ${key} is ${stored}, this run’s is ${wanted}`,
      );
  }
}
