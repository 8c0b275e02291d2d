import { type SeparationIterate, type SeparationMethod, separationIterates } from "gradus/optimize";
import type { ExperimentEvent, ExperimentRun, Table } from "../experiment.ts";
import { isDrawn } from "../shared/paths.ts";
import { tableOf } from "../shared/tables.ts";
import type { Problem } from "./problems.ts";

/** The result of a run from theta = 0 to separation. */
export interface PathSummary {
  /** Steps made; for the online perceptron, passes over the samples. */
  readonly iterations: number;
  /** Changes of theta: one per step, but one per mistake for the online perceptron. */
  readonly updates: number;
  readonly separated: boolean;
  readonly maxLoss: number;
  readonly finalLoss: number;
  readonly accuracy: number;
}

export interface PathOptions {
  readonly method: SeparationMethod;
  readonly step: number;
  readonly maxIterations: number;
  readonly signal: AbortSignal;
  /** What to show of an iterate; called for a few hundred of them, spread evenly over log t. */
  readonly show?: (iterate: SeparationIterate) => Iterable<ExperimentEvent>;
  /** Receives the loss of every iterate. */
  readonly losses?: number[];
}

/** Follows a method from theta = 0 until it separates the samples or has used up its iterations. */
export async function* followPath(
  problem: Problem,
  { method, step, maxIterations, signal, show, losses }: PathOptions,
): ExperimentRun<PathSummary> {
  let maxLoss = 0;
  for await (const iterate of separationIterates({
    A: problem.x,
    y: problem.y,
    method,
    step,
    signal,
  })) {
    const { iteration, loss, accuracy, separated, updates, done } = iterate;
    maxLoss = Math.max(maxLoss, loss);
    losses?.push(loss);
    const last = done || iteration === maxIterations;
    if (show && (last || isDrawn(iteration))) yield* show(iterate);
    if (last) return { iterations: iteration, updates, separated, maxLoss, finalLoss: loss, accuracy };
  }
  throw new Error("unreachable: a method yields until it is done");
}

/** A step size as a label: 1, 100, 1e6. */
export function stepLabel(step: number): string {
  return step >= 1000 ? step.toExponential().replace("+", "") : String(step);
}

const names: Readonly<Record<SeparationMethod, string>> = {
  gd: "LR+GD",
  normalized: "normalized",
  "gradient-normalized": "gradient-normalized",
  "loss-normalized": "loss-normalized",
  "batch-perceptron": "batch perceptron",
  "normalized-batch-perceptron": "normalized batch perceptron",
  perceptron: "online perceptron",
};

/** A method and its step as a label: `LR+GD, γ = 100`; the perceptrons' paths from 0 do not depend on a step. */
export function methodLabel(method: SeparationMethod, step: number): string {
  if (method.endsWith("perceptron")) return names[method];
  return `${names[method]}, ${method === "gd" ? "γ" : "β"} = ${stepLabel(step)}`;
}

/** The iterations of the literature: updates for the online perceptron; null when not separated. */
export function separationTime(
  method: SeparationMethod,
  path: Pick<PathSummary, "separated" | "updates" | "iterations">,
): number | null {
  if (!path.separated) return null;
  return method === "perceptron" ? path.updates : path.iterations;
}

/** A path with its problem and its method, as it is kept in the findings. */
export interface FoundPath extends PathSummary {
  readonly data: string;
  readonly n: number;
  readonly d: number;
  readonly method: SeparationMethod;
  readonly step: number;
}

/** The summary of a method's path on a problem. */
export function foundPath(
  { x, name }: Problem,
  method: SeparationMethod,
  step: number,
  { iterations, updates, separated, maxLoss, finalLoss, accuracy }: PathSummary,
): FoundPath {
  const summary = { iterations, updates, separated, maxLoss, finalLoss, accuracy };
  return { data: name, n: x.rows, d: x.columns, method, step, ...summary };
}

/** Floating-point operations: 4 n d for a batch step (margins and sum); 2 n d for an online pass, 2 d more for an update. */
export function operationsOf({
  method,
  n,
  d,
  iterations,
  updates,
}: Pick<FoundPath, "method" | "n" | "d" | "iterations" | "updates">): number {
  return method === "perceptron" ? 2 * d * (n * iterations + updates) : 4 * n * d * iterations;
}

/** The table of paths that every experiment shows. */
export function pathTable(title: string, paths: readonly FoundPath[]): Table {
  return tableOf(
    "paths",
    title,
    {
      data: "data",
      method: "method",
      T: "T (updates, if online)",
      operations: "flops",
      maxLoss: "largest loss",
      finalLoss: "final loss",
      accuracy: "final accuracy",
    },
    paths.map((path) => ({
      ...path,
      method: methodLabel(path.method, path.step),
      T: separationTime(path.method, path),
      operations: operationsOf(path),
    })),
  );
}
