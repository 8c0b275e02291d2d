import type { Method } from "gradus/iterate";
import type { RegularizedIterate } from "gradus/optimize";
import { type Check, formatFigure, ourCheck } from "../check.ts";
import {
  type ExperimentContext,
  type ExperimentRun,
  type PlotSpecification,
  point,
  type Resumed,
  type Table,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { isDrawn } from "../shared/paths.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { type Timed, timed } from "../shared/timed.ts";

/** The result of a method's run. */
export interface Outcome {
  readonly iterations: number;
  readonly solves: number;
  readonly evaluations: number;
  readonly gradients: number;
  readonly seconds: number;
  /** Whether the target was met: the gap if one is set, otherwise the gradient norm. */
  readonly reached: boolean;
  /** f - f* at the end. */
  readonly gap: number;
  /** ||g||_* at the end. */
  readonly gradientNorm: number;
}

/** A run of a method, step by step. */
export interface Descent extends Outcome {
  /** f - f* at every iterate. */
  readonly gaps: readonly number[];
  /** ||g||_* at every iterate. */
  readonly gradientNorms: readonly number[];
  /** gamma and lambda of the step from every iterate but the last. */
  readonly gammas: readonly number[];
  readonly lambdas: readonly number[];
}

/** A run in the findings: a row of the table of methods. */
export interface Run extends Outcome {
  readonly problem: string;
  readonly method: string;
}

/** A method of descent on a problem, from its start or after one of its iterates. */
export type Start = (resume?: Resumed) => Method<RegularizedIterate>;

export interface FollowOptions {
  readonly optimum?: number;
  /** The target. */
  readonly gap?: number;
  /** Stop here too; the target where there is no gap. */
  readonly gradientNorm?: number;
  readonly maxIterations: number;
  /** Plots that show the path, under the name of its series. */
  readonly series?: string;
  readonly plots?: {
    readonly gap?: string;
    readonly time?: string;
    readonly gradientNorm?: string;
    readonly gamma?: string;
  };
}

type Path = Record<"gaps" | "gradientNorms" | "gammas" | "lambdas", number[]>;

/** Follows a method to its target inside a stage, drawing the path. */
export async function* follow(
  resumable: ExperimentContext<unknown>["resumable"],
  start: Start,
  { optimum = 0, gap, gradientNorm = 0, maxIterations, series = "", plots = {} }: FollowOptions,
): ExperimentRun<Descent> {
  const none: Path = { gaps: [], gradientNorms: [], gammas: [], lambdas: [] };
  const stands = ({ iteration, value, status, done, ...iterate }: Timed<RegularizedIterate>) => {
    const failed = status === "no-acceptable-step";
    const k = failed ? iteration - 1 : iteration;
    const distance = value - optimum;
    const flat = iterate.gradientNorm <= gradientNorm;
    const reached = gap === undefined ? flat : distance <= gap;
    return { failed, k, distance, reached, last: reached || flat || done || k >= maxIterations };
  };
  const { iterate, kept } = yield* resumable("descent", {
    method: (resume) => timed(start, resume),
    until: (iterate) => stands(iterate).last === true,
    kept: none,
    async *each(iterate, { gaps, gradientNorms, gammas, lambdas }) {
      const { failed, k, distance, last } = stands(iterate);
      const { gradientNorm, step, seconds } = iterate;
      if (failed) return;
      gaps.push(distance);
      gradientNorms.push(gradientNorm);
      if (step) {
        gammas.push(step.gamma);
        lambdas.push(step.lambda);
      }
      if (k === 0 || !(last || isDrawn(k))) return;
      if (plots.gap && distance > 0) yield point(plots.gap, series, k, distance);
      if (plots.time && distance > 0) yield point(plots.time, series, seconds, distance);
      if (plots.gradientNorm && gradientNorm > 0) yield point(plots.gradientNorm, series, k, gradientNorm);
      if (plots.gamma && step) yield point(plots.gamma, series, k - 1, step.gamma);
    },
  });
  const { k, reached } = stands(iterate);
  const { solves, evaluations, gradients, seconds } = iterate;
  return {
    iterations: k,
    solves,
    evaluations,
    gradients,
    seconds,
    reached,
    gap: kept.gaps[kept.gaps.length - 1],
    gradientNorm: kept.gradientNorms[kept.gradientNorms.length - 1],
    ...kept,
  };
}

/** The index of the first value that is at most `bound`; null if there is none. */
export function firstBelow(values: readonly number[], bound: number): number | null {
  const k = values.findIndex((value) => value <= bound);
  return k < 0 ? null : k;
}

/** Iterations over the second of two spans relative to the first, from the counts at their ends: 1 at a linear rate. */
export function spanRatio(start: number | null, middle: number | null, end: number | null): number {
  if (start === null || middle === null || end === null) return Number.POSITIVE_INFINITY;
  return (end - middle) / Math.max(1, middle - start);
}

/** The run of a method on a problem. */
export function runIn<T extends Pick<Run, "problem" | "method">>(
  runs: readonly T[],
  problem: string,
  method: string,
): T {
  return find(runs, { problem, method });
}

export const faster = criterion("“faster” is at least 1.5 times");

/** A linear rate takes equally many iterations over equally many decades. */
export const linear = {
  condition: { below: 2 },
  ground: criterion(
    "a linear rate takes equally many iterations over equally many decades, here fewer than twice as many; the rate 1/k would take a hundred times as many over two decades",
  ),
} as const;

export function runOf(
  problem: string,
  method: string,
  { gaps: _, gradientNorms: __, gammas: ___, lambdas: ____, ...outcome }: Descent,
): Run {
  return { problem, method, ...outcome };
}

/** Iterations to the target; infinity where it was not met. */
export function iterationsTo({ reached, iterations }: Pick<Outcome, "reached" | "iterations">): number {
  return reached ? iterations : Number.POSITIVE_INFINITY;
}

/** Iterations to the target as text. */
export function iterationsText({ reached, iterations }: Pick<Outcome, "reached" | "iterations">): string {
  return `${reached ? "" : "more than "}${formatFigure(iterations)}`;
}

/** The table that most experiments show. */
export function methodsTable(runs: readonly Run[]): Table {
  return tableOf(
    "methods",
    "Methods",
    {
      problem: "problem",
      method: "method",
      iterations: "iterations to the target",
      solves: "linear systems",
      evaluations: "values of f",
      gradients: "gradients",
      seconds: "seconds",
      gap: "final f − f*",
      gradientNorm: "final ‖g‖*",
    },
    runs.map((run) => ({ ...run, iterations: run.reached ? run.iterations : `> ${run.iterations}` })),
  );
}

/** Values of f that a run may spend on finding the scale of gamma from gamma_0. */
const SEARCH = 20;

/** Values of f per step, without the first ones. */
export const valuesPerStep = ({ evaluations, iterations }: Pick<Outcome, "evaluations" | "iterations">) =>
  (evaluations - SEARCH) / iterations;

/** The check of the cost of the adaptive search on some problems. */
export function costCheck(problems: string, perStep: readonly number[]): Check {
  return ourCheck(
    `values of f per step beyond the first ${SEARCH}, largest of all runs, ${problems}`,
    Math.max(...perStep),
    { atMost: 2.2 },
    criterion("doubling and halving γ costs about two trials per step, here within a tenth"),
  );
}

/** The two plots of f - f* that most experiments draw. */
export function gapPlots(series: readonly string[], title: string): PlotSpecification[] {
  const y = { label: "f − f*", scale: "log" } as const;
  return [
    linePlot("gap", `${title}: gap against iterations`, logAxis("iteration k"), y, { series }),
    linePlot("time", `${title}: gap against time`, logAxis("time (s)"), y, { series }),
  ];
}

/** The plot of the accepted gamma. */
export function gammaPlot(series: readonly string[], title: string): PlotSpecification {
  return linePlot("gamma", `${title}: the accepted γ_k`, "iteration k", logAxis("γ_k (metric units of x)"), {
    series,
  });
}
