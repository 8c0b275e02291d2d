import { loadDataset, loadLibsvmDataset } from "gradus/data";
import { csrFromDense } from "gradus/linalg";
import { type DesignMatrix, logisticRegression } from "gradus/objectives";
import { gnsNewton, gradientMethod } from "gradus/optimize";
import { z } from "zod";
import { check, ourCheck } from "../check.ts";
import { defineExperiment, type PlotSpecification, progress } from "../experiment.ts";
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
import { smoothnessOf } from "./linear-rate.ts";

interface Data {
  readonly name: string;
  readonly A: DesignMatrix;
  readonly y: ArrayLike<number>;
}

const EXACT = "exact Hessian";
const PRODUCTS = "products alone (CG)";
const ZERO = "H = 0";
const FISHER = "empirical Fisher";
const BOUND = "fixed bound ¼AᵀA/n";
const PLAIN = "gradient descent, step 1/L";
const series = [EXACT, PRODUCTS, ZERO, FISHER, BOUND, PLAIN];
const choices: Readonly<Record<string, string>> = {
  [EXACT]: "exact",
  [PRODUCTS]: "products",
  [ZERO]: "zero",
  [FISHER]: "empiricalFisher",
  [BOUND]: "bound",
};

async function mushrooms(): Promise<Data> {
  const { x, y } = await loadDataset("mushrooms");
  return {
    name: "mushrooms",
    A: csrFromDense(x),
    y: y.map((label) => (label === 0 ? 1 : -1)),
  };
}

async function a9a(): Promise<Data> {
  const { x, y } = await loadLibsvmDataset("a9a");
  return { name: "a9a", A: x, y };
}

const plot = (id: string, name: string): PlotSpecification =>
  linePlot(id, `${name}: gradient norm`, logAxis("iteration k"), logAxis("‖g‖"), { series });

export default defineExperiment({
  description:
    "Fits unregularized logistic regressions to real data (mushrooms are separable) with exact and approximate Hessians, by products alone, and by gradients, and counts iterations to each decade of the gradient norm.",
  parameters: z.object({
    controls: z
      .int()
      .min(20)
      .max(5000)
      .default(400)
      .describe("iterations of the fixed bound and the Fisher matrix"),
    descent: z.int().min(100).max(50_000).default(10_000).describe("iterations of plain gradient descent"),
    census: z.boolean().default(true).describe("also a9a (from GRADUS_DATA_DIR)"),
  }),
  dataDirectory: ["census"],
  profiles: { quick: { controls: 200, descent: 300, census: false }, full: {} },
  seconds: { quick: 10, full: 100 },
  plots: [
    plot("mushrooms", "Mushrooms, 8124 × 112"),
    linePlot("time", "Mushrooms: loss against time", logAxis("time (s)"), logAxis("logistic loss"), {
      series,
    }),
    plot("a9a", "a9a"),
  ],

  async *measure({ parameters: { controls, descent, census }, signal, stage, resumable }) {
    const runs: Decades[] = [];
    const sets = [await mushrooms(), ...(census ? [await a9a()] : [])];
    for (const [k, { name, A, y }] of sets.entries()) {
      const objective = logisticRegression(A, y);
      const x0 = new Float64Array(objective.dimension);
      for (const [i, method] of series.entries()) {
        yield progress((k + i / series.length) / sets.length, `${name}, ${method}`);
        const start: Start = (resume) =>
          method === PLAIN
            ? gradientMethod(objective, x0, {
                signal,
                resume,
                adaptive: false,
                smoothness: smoothnessOf(objective),
              })
            : gnsNewton(objective, x0, { signal, resume, hessian: choices[method] });
        const maxIterations = method === PLAIN ? descent : method === ZERO ? 2000 : controls;
        const run = yield* stage(`${name}, ${method}`, () =>
          follow(resumable, start, {
            gradientNorm: 1e-6,
            maxIterations,
            series: method,
            plots: { gradientNorm: name, ...(name === "mushrooms" && { time: "time" }) },
          }),
        );
        runs.push(decadesOf(name, method, run));
      }
    }
    return { runs };
  },

  // The conditions are for separable data: a9a is shown only.
  judge: ({ runs }) => [
    ...[EXACT, PRODUCTS, ZERO].map((method) =>
      check(
        "C3",
        `iterations from ‖g‖ = 1e-4 to 1e-6 over those from 1e-2 to 1e-4, mushrooms, ${method}`,
        overDecades(runIn(runs, "mushrooms", method), 1e-2, 1e-4, 1e-6),
        linear.condition,
        linear.ground,
      ),
    ),
    ourCheck(
      "iterations to ‖g‖ = 1e-3 with the fixed bound over those with the exact Hessian, mushrooms",
      iterationsAt(runIn(runs, "mushrooms", BOUND), 1e-3) /
        iterationsAt(runIn(runs, "mushrooms", EXACT), 1e-3),
      { atLeast: 10 },
      losesOrder,
    ),
    costCheck("real data", runs.filter(({ method }) => method !== PLAIN).map(valuesPerStep)),
  ],

  present({ runs }) {
    const sizes = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
    const to = (name: string, method: string) => countsTo(runIn(runs, name, method), sizes);
    const sentence = (name: string) =>
      `Iterations on ${name} to ‖g‖ = 1e-2, …, 1e-6: ${series.map((method) => `${method} ${to(name, method)}`).join("; ")}.`;
    const names = [...new Set(runs.map(({ problem }) => problem))];
    return {
      headline: `On mushrooms ‖g‖ = 1e-2, …, 1e-6 takes ${to("mushrooms", EXACT)} iterations with the exact Hessian and ${to("mushrooms", ZERO)} with H = 0.`,
      captions: {
        ...Object.fromEntries(names.map((name) => [name, sentence(name)])),
        time: "An iteration with a matrix takes a product AᵀDA and a factorization in 112 unknowns; one with H = 0 takes two passes over the data.",
      },
      summary: names.map(sentence),
      tables: [decadesTable(runs)],
    };
  },
});
