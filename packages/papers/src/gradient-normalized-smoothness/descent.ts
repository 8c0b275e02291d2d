import type { Method } from "gradus/iterate";
import type { RegularizedIterate } from "gradus/optimize";
import { type Check, check } from "../check.ts";
import { type ExperimentRun, type PlotSpecification, point, type Table } from "../experiment.ts";

/** What a run of a method came to. */
export interface Descent {
  readonly iterations: number;
  readonly solves: number;
  readonly evaluations: number;
  readonly gradients: number;
  readonly seconds: number;
  /** Whether the target was met: the gap where one is set, else the gradient norm. */
  readonly reached: boolean;
  /** f - f* at every iterate. */
  readonly gaps: readonly number[];
  /** ||g||_* at every iterate. */
  readonly gradientNorms: readonly number[];
  /** gamma and lambda of the step from every iterate but the last. */
  readonly gammas: readonly number[];
  readonly lambdas: readonly number[];
  /** |trials - (2 K - log2(gamma_next / gamma_0))| where the method adapts gamma by factors of 2. */
  readonly identityError: number;
}

export interface FollowOptions {
  readonly optimum?: number;
  /** The target. */
  readonly gap?: number;
  /** Stop here too; the target where there is no gap. */
  readonly gradientNorm?: number;
  readonly maxIterations: number;
  /** The gamma that the method started from. */
  readonly gamma?: number;
  /** Plots that show the path, under the name of its series. */
  readonly series?: string;
  readonly plots?: {
    readonly gap?: string;
    readonly time?: string;
    readonly gradientNorm?: string;
    readonly gamma?: string;
  };
}

/** Every iteration at first, then one where k has grown by 2 %. */
function isShown(k: number): boolean {
  return k <= 50 || Math.floor(Math.log(k) / Math.log(1.02)) > Math.floor(Math.log(k - 1) / Math.log(1.02));
}

/** Follows a method to its target, drawing the path. */
export async function* follow(
  method: Method<RegularizedIterate>,
  {
    optimum = 0,
    gap,
    gradientNorm = 0,
    maxIterations,
    gamma: firstGamma = 1,
    series = "",
    plots = {},
  }: FollowOptions,
): ExperimentRun<Descent> {
  const gaps: number[] = [];
  const gradientNorms: number[] = [];
  const gammas: number[] = [];
  const lambdas: number[] = [];
  let seconds = 0;
  for (;;) {
    const start = performance.now();
    const next = await method.next();
    seconds += (performance.now() - start) / 1000;
    if (next.done) throw new Error("unreachable: a method yields until it is done");
    const iterate = next.value;
    const failed = iterate.status === "no-acceptable-step";
    const k = failed ? iterate.iteration - 1 : iterate.iteration;
    const distance = iterate.value - optimum;
    if (!failed) {
      gaps.push(distance);
      gradientNorms.push(iterate.gradientNorm);
      if (iterate.step) {
        gammas.push(iterate.step.gamma);
        lambdas.push(iterate.step.lambda);
      }
    }
    const flat = iterate.gradientNorm <= gradientNorm;
    const reached = gap === undefined ? flat : distance <= gap;
    const last = reached || flat || iterate.done || k >= maxIterations;
    if (k > 0 && !failed && (last || isShown(k))) {
      if (plots.gap && distance > 0) yield point(plots.gap, series, k, distance);
      if (plots.time && distance > 0) yield point(plots.time, series, seconds, distance);
      if (plots.gradientNorm && iterate.gradientNorm > 0)
        yield point(plots.gradientNorm, series, k, iterate.gradientNorm);
      if (plots.gamma && iterate.step) yield point(plots.gamma, series, k - 1, iterate.step.gamma);
    }
    if (!last) continue;
    await method.return();
    const { solves, evaluations, gradients } = iterate;
    const { parameter } = iterate.state.memory;
    return {
      iterations: k,
      solves,
      evaluations,
      gradients,
      seconds,
      reached,
      gaps,
      gradientNorms,
      gammas,
      lambdas,
      identityError: Math.abs(solves - (2 * k - Math.log2(parameter / firstGamma))),
    };
  }
}

/** The first iteration with a gradient norm of at most this; infinity where there is none. */
export function firstBelow({ gradientNorms }: Descent, size: number): number {
  const k = gradientNorms.findIndex((norm) => norm <= size);
  return k < 0 ? Number.POSITIVE_INFINITY : k;
}

/** Iterations to the target; infinity where it was not met. */
export function iterationsTo({ reached, iterations }: Descent): number {
  return reached ? iterations : Number.POSITIVE_INFINITY;
}

/** Iterations to the target as text. */
export function iterationsText(descent: Descent): string {
  return descent.reached ? String(descent.iterations) : `more than ${descent.iterations}`;
}

/** A row of the table that every experiment prints. */
export function descentRow(problem: string, method: string, descent: Descent): Table["rows"][number] {
  const { iterations, solves, evaluations, gradients, seconds, reached, gaps, gradientNorms } = descent;
  return {
    problem,
    method,
    iterations: reached ? iterations : `> ${iterations}`,
    solves,
    evaluations,
    gradients,
    seconds,
    gap: gaps[gaps.length - 1],
    gradientNorm: gradientNorms[gradientNorms.length - 1],
  };
}

export const descentColumns: Table["columns"] = [
  { key: "problem", label: "problem" },
  { key: "method", label: "method" },
  { key: "iterations", label: "iterations to the target" },
  { key: "solves", label: "linear systems" },
  { key: "evaluations", label: "values" },
  { key: "gradients", label: "gradients" },
  { key: "seconds", label: "seconds" },
  { key: "gap", label: "final f − f*" },
  { key: "gradientNorm", label: "final ‖g‖*" },
];

/** What the adaptive search cost, over all runs given: claim C6. */
export function costChecks(problems: string, descents: readonly Descent[]): Check[] {
  const identity = Math.max(...descents.map(({ identityError }) => identityError));
  const excess = Math.max(
    ...descents.map(({ evaluations, iterations }) => evaluations - (2.2 * iterations + 20)),
  );
  return [
    check(
      "C6",
      `linear systems of K steps against 2K − log₂(γ_K/γ_0), ${problems}: largest difference of ${descents.length} runs`,
      identity,
      { equals: 0 },
    ),
    check(
      "C6",
      `evaluations of K steps beyond 2.2 K + 20, ${problems}: most of ${descents.length} runs`,
      excess,
      { atMost: 0 },
    ),
  ];
}

/** The two plots of f - f* that most experiments draw. */
export function gapPlots(series: readonly string[], title: string): PlotSpecification[] {
  const y = { label: "f − f*", scale: "log" } as const;
  return [
    {
      id: "gap",
      title: `${title}: gap against iterations`,
      x: { label: "iteration k", scale: "log" },
      y,
      mark: "line",
      series,
    },
    {
      id: "time",
      title: `${title}: gap against time`,
      x: { label: "time (s)", scale: "log" },
      y,
      mark: "line",
      series,
    },
  ];
}

/** The plot of the accepted gamma. */
export function gammaPlot(series: readonly string[], title: string): PlotSpecification {
  return {
    id: "gamma",
    title: `${title}: the accepted γ_k`,
    x: { label: "iteration k" },
    y: { label: "γ_k (metric units of x)", scale: "log" },
    mark: "line",
    series,
  };
}
