import { formatFigure } from "../check.ts";
import type { Table } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { tableOf } from "../shared/tables.ts";
import { type Descent, firstBelow, spanRatio } from "./descent.ts";

const decades = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7] as const;

/** A run in the findings: its iterations to every decade of the gradient norm. */
export interface Decades {
  readonly problem: string;
  readonly method: string;
  /** Null where the norm was not reached. */
  readonly counts: readonly (number | null)[];
  readonly iterations: number;
  readonly solves: number;
  readonly evaluations: number;
  readonly gradients: number;
  readonly seconds: number;
  /** The last one accepted; null of a method without. */
  readonly gamma: number | null;
}

export function decadesOf(problem: string, method: string, run: Descent): Decades {
  const { iterations, solves, evaluations, gradients, seconds, gradientNorms, gammas } = run;
  const counts = decades.map((size) => firstBelow(gradientNorms, size));
  const gamma = gammas.at(-1) ?? null;
  return { problem, method, counts, iterations, solves, evaluations, gradients, seconds, gamma };
}

const countAt = ({ counts }: Decades, size: number) =>
  counts[decades.indexOf(size as (typeof decades)[number])] ?? null;

/** The iterations to a decade, or all that were made where it was not reached. */
export const iterationsAt = (run: Decades, size: number): number => countAt(run, size) ?? run.iterations;

/** Iterations over the second of two spans relative to the first. */
export const overDecades = (run: Decades, start: number, middle: number, end: number): number =>
  spanRatio(countAt(run, start), countAt(run, middle), countAt(run, end));

/** Iterations to some decades as text, up to the first that was not reached. */
export function countsTo(run: Decades, sizes: readonly number[]): string {
  const counts = sizes.map((size) => countAt(run, size));
  const reached = counts.filter((count) => count !== null);
  const most = `more than ${formatFigure(run.iterations)}`;
  return [...reached, ...(reached.length < counts.length ? [most] : [])].join(", ");
}

export const losesOrder = criterion(
  "a control whose error does not vanish with the gradient: it loses an order of magnitude",
);

export function decadesTable(runs: readonly Decades[]): Table {
  const keyOf = (size: number) => `norm ${size}`;
  return tableOf(
    "methods",
    "Iterations to each decade",
    {
      problem: "problem",
      method: "method",
      ...Object.fromEntries(decades.map((size) => [keyOf(size), `‖g‖ ≤ ${size.toExponential()}`])),
      solves: "linear systems",
      evaluations: "values of f",
      gradients: "gradients",
      seconds: "seconds",
    },
    runs.map(({ counts, ...run }) => ({
      ...run,
      ...Object.fromEntries(decades.map((size, i) => [keyOf(size), counts[i]])),
    })),
  );
}
