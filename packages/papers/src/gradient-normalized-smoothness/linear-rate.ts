import type { Method } from "gradus/iterate";
import { symmetricEigenvalues } from "gradus/linalg";
import { type HostObjective, logisticRegression } from "gradus/objectives";
import { gnsNewton, gradientMethod, type RegularizedIterate } from "gradus/optimize";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, type PlotSpecification, progress, table } from "../experiment.ts";
import { costChecks, type Descent, firstBelow, follow } from "./descent.ts";
import { digitsSoftmax, separableRows } from "./problems.ts";

const EXACT = "exact Hessian";
const ZERO = "H = 0";
const BOUND = "fixed bound ¼AᵀA/n";
const PLAIN = "gradient descent, step 1/L";
const WEIGHTED = "weighted Gauss-Newton";
const FISHER = "empirical Fisher";
const BLOCKS = "block-diagonal";

const ROWS = 500;
const binarySeries = [EXACT, ZERO, BOUND, PLAIN];
const softmaxSeries = [WEIGHTED, EXACT, FISHER, BLOCKS];

const gradientPlot = (id: string, title: string, series: readonly string[]): PlotSpecification => ({
  id,
  title,
  x: { label: "iteration k", scale: "log" },
  y: { label: "‖g‖", scale: "log" },
  mark: "line",
  series,
});

const decades = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7] as const;
const columns = [
  { key: "problem", label: "problem" },
  { key: "method", label: "method" },
  ...decades.map((size) => ({ key: String(size), label: `‖g‖ ≤ ${size.toExponential()}` })),
  { key: "solves", label: "linear systems" },
  { key: "evaluations", label: "values" },
  { key: "gradients", label: "gradients" },
  { key: "seconds", label: "seconds" },
];

/** Iterations to every decade of the gradient norm. */
export function decadeRow(
  problem: string,
  method: string,
  run: Descent,
): Record<string, number | string | null> {
  const { solves, evaluations, gradients, seconds } = run;
  const counts = decades.map((size) => {
    const k = firstBelow(run, size);
    return [String(size), Number.isFinite(k) ? k : null];
  });
  return { problem, method, ...Object.fromEntries(counts), solves, evaluations, gradients, seconds };
}
export const decadeColumns: typeof columns = columns;

/** How the second span of a run compares with the first: about 1 at a linear rate. */
export function spanRatio(run: Descent, from: number, between: number, to: number): number {
  const [a, b, c] = [from, between, to].map((size) => firstBelow(run, size));
  return (c - b) / (b - a);
}

/** The counts of a run as text. */
export function countsText(run: Descent, sizes: readonly number[]): string {
  return sizes
    .map((size) => firstBelow(run, size))
    .map((k) => (Number.isFinite(k) ? String(k) : `> ${run.iterations}`))
    .join(", ");
}

/** The Lipschitz constant of the gradient: the largest eigenvalue of the bound of the Hessian. */
export function smoothnessOf(objective: HostObjective): number {
  const model = objective.approximations?.bound(new Float64Array(objective.dimension));
  if (model?.kind !== "dense") throw new Error("the bound of a logistic Hessian is dense");
  return symmetricEigenvalues(model.matrix)[0];
}

export default defineExperiment({
  id: "linear-rate",
  title: "A linear rate on logistic and softmax losses",
  description:
    "Counts iterations to each decade of the gradient norm on separable logistic data and on digits, with exact and approximate Hessians, and with matrices whose error does not vanish with the gradient.",
  claims: ["C3", "C6"],
  parameters: z.object({
    controls: z.int().min(10).max(1000).default(200).describe("iterations of the softmax controls"),
    descent: z.int().min(100).max(20_000).default(8000).describe("iterations of plain gradient descent"),
  }),
  profiles: { quick: { controls: 20, descent: 1000 }, full: {} },
  seconds: { quick: 10, full: 60 },
  plots: [
    gradientPlot("binary", "Separable logistic data: gradient norm", binarySeries),
    gradientPlot("softmax", "Digits 0 to 4, softmax: gradient norm", softmaxSeries),
    {
      id: "gamma",
      title: "Accepted γ_k on the separable data",
      x: { label: "iteration k" },
      y: { label: "γ_k (units of x)", scale: "log" },
      mark: "line",
      series: [EXACT, ZERO],
    },
  ],

  async *run({ parameters: { controls, descent: descentIterations }, seed, signal, stage }) {
    const checks: Check[] = [];
    const rows: Record<string, number | string | null>[] = [];
    const adaptive: Descent[] = [];
    const show = () => table({ id: "methods", title: "Iterations to each decade", columns, rows: [...rows] });

    const { A, y } = separableRows(ROWS, randomStream(seed).split("separable"));
    const logistic = logisticRegression(A, y);
    const zeros = new Float64Array(logistic.dimension);
    const binary: Record<
      string,
      { method: () => Method<RegularizedIterate>; until: number; most: number; gamma?: string }
    > = {
      [EXACT]: {
        method: () => gnsNewton(logistic, zeros, { signal, hessian: "exact" }),
        until: 1e-7,
        most: 500,
        gamma: "gamma",
      },
      [ZERO]: {
        method: () => gnsNewton(logistic, zeros, { signal, hessian: "zero" }),
        until: 1e-7,
        most: 2000,
        gamma: "gamma",
      },
      [BOUND]: {
        method: () => gnsNewton(logistic, zeros, { signal, hessian: "bound" }),
        until: 1e-3,
        most: 1000,
      },
      [PLAIN]: {
        method: () =>
          gradientMethod(logistic, zeros, { signal, adaptive: false, smoothness: smoothnessOf(logistic) }),
        until: 1e-4,
        most: descentIterations,
      },
    };
    const found = new Map<string, Descent>();
    for (const [k, name] of binarySeries.entries()) {
      yield progress(0.1 * k, `separable data, ${name}`);
      const { method, until, most, gamma } = binary[name];
      const run = yield* stage(`binary, ${name}`, () =>
        follow(method(), {
          gradientNorm: until,
          maxIterations: most,
          series: name,
          plots: { gradientNorm: "binary", gamma },
        }),
      );
      found.set(name, run);
      if (name !== PLAIN) adaptive.push(run);
      rows.push(decadeRow("separable", name, run));
      yield show();
    }
    const [exact, zero, bound, plain] = binarySeries.map((name) => found.get(name)!);
    for (const [name, run] of [
      [EXACT, exact],
      [ZERO, zero],
    ] as const)
      checks.push(
        check(
          "C3",
          `iterations from ‖g‖ = 1e-5 to 1e-7 over those from 1e-3 to 1e-5, ${name}`,
          spanRatio(run, 1e-3, 1e-5, 1e-7),
          {
            atMost: 2.5,
          },
        ),
      );
    checks.push(
      check(
        "C3",
        "gradient descent is not linear: iterations to 1e-3 over those to 1e-2",
        firstBelow(plain, 1e-3) / firstBelow(plain, 1e-2),
        { atLeast: 5 },
      ),
      check(
        "C3",
        "a matrix whose error does not vanish: iterations to 1e-3 over the exact Hessian's",
        Math.min(firstBelow(bound, 1e-3), bound.iterations) / firstBelow(exact, 1e-3),
        { atLeast: 20 },
      ),
    );

    yield progress(0.45, "digits");
    const softmax = await digitsSoftmax();
    const start = new Float64Array(softmax.dimension);
    const choices = {
      [WEIGHTED]: { hessian: "weightedGaussNewton", until: 1e-6, most: 200 },
      [EXACT]: { hessian: "exact", until: 1e-6, most: 200 },
      [FISHER]: { hessian: "empiricalFisher", until: 1e-4, most: controls },
      [BLOCKS]: { hessian: "blockDiagonal", until: 1e-4, most: controls },
    };
    const soft: Descent[] = [];
    for (const [k, [name, { hessian, until, most }]] of Object.entries(choices).entries()) {
      yield progress(0.45 + 0.13 * k, `digits, ${name}`);
      const run = yield* stage(`softmax, ${name}`, () =>
        follow(gnsNewton(softmax, start, { signal, hessian }), {
          gradientNorm: until,
          maxIterations: most,
          series: name,
          plots: { gradientNorm: "softmax" },
        }),
      );
      soft.push(run);
      adaptive.push(run);
      rows.push(decadeRow("digits 0–4", name, run));
      yield show();
    }
    const [weighted, full] = soft;
    checks.push(
      check(
        "C3",
        "weighted Gauss-Newton over exact: iterations to ‖g‖ ≤ 1e-6, digits",
        firstBelow(weighted, 1e-6) / firstBelow(full, 1e-6),
        { atMost: 1.5 },
      ),
    );
    for (const [name, run] of [
      [WEIGHTED, weighted],
      [EXACT, full],
    ] as const)
      checks.push(
        check(
          "C3",
          `iterations from ‖g‖ = 1e-4 to 1e-6 over those from 1e-2 to 1e-4, digits, ${name}`,
          spanRatio(run, 1e-2, 1e-4, 1e-6),
          {
            atMost: 2.5,
          },
        ),
      );
    checks.push(...costChecks("logistic and softmax", adaptive));
    yield progress(1, "done");
    const softSizes = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
    return {
      checks,
      captions: {
        binary: `Iterations to 1e-2, …, 1e-7: ${countsText(exact, decades.slice(1))} with the exact Hessian, ${countsText(zero, decades.slice(1))} with none. The fixed bound is at 1e-3 after ${countsText(bound, [1e-3])}, gradient descent after ${countsText(plain, [1e-3])}.`,
        softmax: `Iterations to 1e-1, …, 1e-6: ${countsText(weighted, softSizes)} with the weighted Gauss-Newton matrix, ${countsText(full, softSizes)} with the exact Hessian.`,
        gamma: `Both settle: exact at about ${formatFigure(exact.gammas.at(-1) ?? Number.NaN)}.`,
      },
      summary: [
        `Separable data, iterations to ‖g‖ ≤ 1e-2, …, 1e-7: exact ${countsText(exact, decades.slice(1))}; H = 0 ${countsText(zero, decades.slice(1))}.`,
        `Digits, iterations to ‖g‖ ≤ 1e-1, …, 1e-6: exact ${countsText(full, softSizes)}; weighted Gauss-Newton ${countsText(weighted, softSizes)}. The empirical Fisher matrix and the block-diagonal, whose errors do not vanish with the gradient, reach 1e-4 after ${countsText(soft[2], [1e-4])} and ${countsText(soft[3], [1e-4])}.`,
      ],
    };
  },
});
