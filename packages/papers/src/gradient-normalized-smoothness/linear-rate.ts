import { symmetricEigenvalues } from "gradus/linalg";
import { type HostObjective, logisticRegression } from "gradus/objectives";
import { gnsNewton, gradientMethod } from "gradus/optimize";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, type PlotSpecification, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import {
  countsTo,
  type Decades,
  decadesOf,
  decadesTable,
  iterationsAt,
  losesOrder,
  overDecades,
} from "./decades.ts";
import { costCheck, follow, linear, runIn, type Start, valuesPerStep } from "./descent.ts";
import { digitsSoftmax, separableRows } from "./problems.ts";

const EXACT = "exact Hessian";
const ZERO = "H = 0";
const BOUND = "fixed bound ¼AᵀA/n";
const PLAIN = "gradient descent, step 1/L";
const WEIGHTED = "weighted Gauss-Newton";
const FISHER = "empirical Fisher";
const BLOCKS = "block-diagonal";

const SEPARABLE = "separable";
const DIGITS = "digits 0–4";
const ROWS = 500;
const binarySeries = [EXACT, ZERO, BOUND, PLAIN];
const softmaxSeries = [WEIGHTED, EXACT, FISHER, BLOCKS];

const gradientPlot = (id: string, title: string, series: readonly string[]): PlotSpecification =>
  linePlot(id, title, logAxis("iteration k"), logAxis("‖g‖"), { series });

/** The Lipschitz constant of the gradient: the largest eigenvalue of the bound of the Hessian. */
export function smoothnessOf(objective: HostObjective): number {
  const model = objective.approximations?.bound(new Float64Array(objective.dimension));
  if (model?.kind !== "dense") throw new Error("the bound of a logistic Hessian is dense");
  return symmetricEigenvalues(model.matrix)[0];
}

export default defineExperiment({
  description:
    "Counts iterations to each decade of the gradient norm on separable logistic data and on digits, with exact and approximate Hessians, and with matrices whose error does not vanish with the gradient.",
  parameters: z.object({
    controls: z.int().min(10).max(1000).default(200).describe("iterations of the softmax controls"),
    descent: z.int().min(100).max(20_000).default(8000).describe("iterations of plain gradient descent"),
  }),
  profiles: { quick: { controls: 20, descent: 1000 }, full: {} },
  seconds: { quick: 10, full: 60 },
  plots: [
    gradientPlot("binary", "Separable logistic data: gradient norm", binarySeries),
    gradientPlot("softmax", "Digits 0 to 4, softmax: gradient norm", softmaxSeries),
    linePlot("gamma", "Accepted γ_k on the separable data", "iteration k", logAxis("γ_k (units of x)"), {
      series: [EXACT, ZERO],
    }),
  ],

  async *measure({ parameters: { controls, descent: descentIterations }, seed, signal, stage, resumable }) {
    const runs: Decades[] = [];
    const { A, y } = separableRows(ROWS, randomStream(seed).split("separable"));
    const logistic = logisticRegression(A, y);
    const zeros = new Float64Array(logistic.dimension);
    const binary: Record<string, { method: Start; until: number; most: number; gamma?: string }> = {
      [EXACT]: {
        method: (resume) => gnsNewton(logistic, zeros, { signal, resume, hessian: "exact" }),
        until: 1e-7,
        most: 500,
        gamma: "gamma",
      },
      [ZERO]: {
        method: (resume) => gnsNewton(logistic, zeros, { signal, resume, hessian: "zero" }),
        until: 1e-7,
        most: 2000,
        gamma: "gamma",
      },
      [BOUND]: {
        method: (resume) => gnsNewton(logistic, zeros, { signal, resume, hessian: "bound" }),
        until: 1e-3,
        most: 1000,
      },
      [PLAIN]: {
        method: (resume) =>
          gradientMethod(logistic, zeros, {
            signal,
            resume,
            adaptive: false,
            smoothness: smoothnessOf(logistic),
          }),
        until: 1e-4,
        most: descentIterations,
      },
    };
    for (const [k, name] of binarySeries.entries()) {
      yield progress(0.1 * k, `separable data, ${name}`);
      const { method, until, most, gamma } = binary[name];
      const run = yield* stage(`binary, ${name}`, () =>
        follow(resumable, method, {
          gradientNorm: until,
          maxIterations: most,
          series: name,
          plots: { gradientNorm: "binary", gamma },
        }),
      );
      runs.push(decadesOf(SEPARABLE, name, run));
    }

    yield progress(0.45, "digits");
    const softmax = await digitsSoftmax();
    const start = new Float64Array(softmax.dimension);
    const choices = {
      [WEIGHTED]: { hessian: "weightedGaussNewton", until: 1e-6, most: 200 },
      [EXACT]: { hessian: "exact", until: 1e-6, most: 200 },
      [FISHER]: { hessian: "empiricalFisher", until: 1e-4, most: controls },
      [BLOCKS]: { hessian: "blockDiagonal", until: 1e-4, most: controls },
    };
    for (const [k, [name, { hessian, until, most }]] of Object.entries(choices).entries()) {
      yield progress(0.45 + 0.13 * k, `digits, ${name}`);
      const run = yield* stage(`softmax, ${name}`, () =>
        follow(resumable, (resume) => gnsNewton(softmax, start, { signal, resume, hessian }), {
          gradientNorm: until,
          maxIterations: most,
          series: name,
          plots: { gradientNorm: "softmax" },
        }),
      );
      runs.push(decadesOf(DIGITS, name, run));
    }
    return { runs };
  },

  judge({ runs }) {
    const of = (problem: string, method: string) => runIn(runs, problem, method);
    const plain = of(SEPARABLE, PLAIN);
    return [
      ...[EXACT, ZERO].map((method) =>
        check(
          "C3",
          `iterations from ‖g‖ = 1e-5 to 1e-7 over those from 1e-3 to 1e-5, separable data, ${method}`,
          overDecades(of(SEPARABLE, method), 1e-3, 1e-5, 1e-7),
          linear.condition,
          linear.ground,
        ),
      ),
      ...[WEIGHTED, EXACT].map((method) =>
        check(
          "C3",
          `iterations from ‖g‖ = 1e-4 to 1e-6 over those from 1e-2 to 1e-4, digits, ${method}`,
          overDecades(of(DIGITS, method), 1e-2, 1e-4, 1e-6),
          linear.condition,
          linear.ground,
        ),
      ),
      ourCheck(
        "iterations to ‖g‖ = 1e-3 over those to 1e-2, gradient descent with step 1/L, separable data",
        iterationsAt(plain, 1e-3) / iterationsAt(plain, 1e-2),
        { atLeast: 5 },
        criterion(
          "a control that is not linear: at the rate 1/k each decade takes ten times as many, at a linear one 1.5 times",
        ),
      ),
      ourCheck(
        "iterations to ‖g‖ = 1e-3 with the fixed bound over those with the exact Hessian, separable data",
        iterationsAt(of(SEPARABLE, BOUND), 1e-3) / iterationsAt(of(SEPARABLE, EXACT), 1e-3),
        { atLeast: 10 },
        losesOrder,
      ),
      costCheck(
        "logistic and softmax losses",
        runs.filter(({ method }) => method !== PLAIN).map(valuesPerStep),
      ),
    ];
  },

  present({ runs }) {
    const to = (problem: string, method: string, ...sizes: number[]) =>
      countsTo(runIn(runs, problem, method), sizes);
    const binary = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7];
    const soft = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
    const ratio = (method: string) =>
      formatRounded(overDecades(runIn(runs, DIGITS, method), 1e-2, 1e-4, 1e-6));
    const { gamma } = runIn(runs, SEPARABLE, EXACT);
    return {
      headline: `On the digits ‖g‖ = 1e-6 takes ${to(DIGITS, WEIGHTED, 1e-6)} iterations with the weighted Gauss-Newton matrix and ${to(DIGITS, EXACT, 1e-6)} with the exact Hessian; from 1e-4 on they take ${ratio(WEIGHTED)} and ${ratio(EXACT)} times as many as from 1e-2 to 1e-4.`,
      captions: {
        binary: `Iterations to 1e-2, …, 1e-7: ${to(SEPARABLE, EXACT, ...binary)} with the exact Hessian, ${to(SEPARABLE, ZERO, ...binary)} with H = 0. To 1e-3 the fixed bound takes ${to(SEPARABLE, BOUND, 1e-3)}, gradient descent ${to(SEPARABLE, PLAIN, 1e-3)}.`,
        softmax: `Iterations to 1e-1, …, 1e-6: ${to(DIGITS, WEIGHTED, ...soft)} with the weighted Gauss-Newton matrix, ${to(DIGITS, EXACT, ...soft)} with the exact Hessian.`,
        gamma: `A plateau of γ means a linear rate; with the exact Hessian γ ends at ${formatRounded(gamma ?? 0)}.`,
      },
      summary: [
        `Separable data, iterations to ‖g‖ = 1e-2, …, 1e-7: exact Hessian ${to(SEPARABLE, EXACT, ...binary)}; H = 0 ${to(SEPARABLE, ZERO, ...binary)}.`,
        `Digits, iterations to ‖g‖ = 1e-1, …, 1e-6: exact Hessian ${to(DIGITS, EXACT, ...soft)}; weighted Gauss-Newton ${to(DIGITS, WEIGHTED, ...soft)}. The errors of the empirical Fisher and the block-diagonal matrix do not vanish with the gradient: they take ${to(DIGITS, FISHER, 1e-4)} and ${to(DIGITS, BLOCKS, 1e-4)} iterations to 1e-4.`,
      ],
      tables: [decadesTable(runs)],
    };
  },
});
