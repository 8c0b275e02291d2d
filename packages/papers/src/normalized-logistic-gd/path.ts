import { type SeparationIterate, type SeparationMethod, separationIterates } from "gradus/optimize";
import type { ExperimentEvent, ExperimentRun, Table } from "../experiment.ts";
import type { Problem } from "./problems.ts";

/** What a run from theta = 0 to separation came to. */
export interface PathSummary {
  /** Steps made; for the online perceptron, passes over the samples. */
  readonly iterations: number;
  /** Changes of theta: one a step, but one a mistake for the online perceptron. */
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

/** Every iteration at first, then one where t has grown by 2 %: at most 400 of the first 20,000. */
export function isShown(t: number): boolean {
  return t <= 50 || Math.floor(Math.log(t) / Math.log(1.02)) > Math.floor(Math.log(t - 1) / Math.log(1.02));
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
    if (show && (last || isShown(iteration))) yield* show(iterate);
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
export function separationTime(method: SeparationMethod, path: PathSummary): number | null {
  if (!path.separated) return null;
  return method === "perceptron" ? path.updates : path.iterations;
}

/** A row of the table that every experiment prints. */
export function pathRow(
  { x, name }: Problem,
  method: SeparationMethod,
  step: number,
  path: PathSummary,
): Table["rows"][number] {
  const { iterations, updates, maxLoss, finalLoss, accuracy } = path;
  // 4 n d for a batch step (margins and sum); 2 n d for an online pass and 2 d more for an update.
  const operations =
    method === "perceptron"
      ? 2 * x.columns * (x.rows * iterations + updates)
      : 4 * x.rows * x.columns * iterations;
  return {
    data: name,
    method: methodLabel(method, step),
    T: separationTime(method, path),
    operations,
    maxLoss,
    finalLoss,
    accuracy,
  };
}

export const pathColumns: Table["columns"] = [
  { key: "data", label: "data" },
  { key: "method", label: "method" },
  { key: "T", label: "T (updates, if online)" },
  { key: "operations", label: "flops" },
  { key: "maxLoss", label: "max loss" },
  { key: "finalLoss", label: "final loss" },
  { key: "accuracy", label: "final accuracy" },
];
