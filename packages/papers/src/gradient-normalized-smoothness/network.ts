import { gaussNewtonOperator } from "gradus/curvature";
import type { Method } from "gradus/iterate";
import { shiftOperator } from "gradus/linalg";
import { type HessianModel, objectiveFromGraph } from "gradus/objectives";
import { gnsNewton, gradientMethod, type RegularizedIterate } from "gradus/optimize";
import { adam, compileTrainer } from "gradus/train";
import { z } from "zod";
import { formatFigure } from "../check.ts";
import {
  defineExperiment,
  type ExperimentRun,
  type PlotSpecification,
  point,
  progress,
} from "../experiment.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { timed } from "../shared/timed.ts";
import { CLASSES, classification, equations, type NetworkProblem } from "./network-problems.ts";

const GNS = "GNS, Gauss-Newton products";
const ZERO = "GNS, H = 0";
const GRADIENT = "gradient, backtracking";
const rates = [1e-3, 1e-2, 1e-1] as const;
const adamLabel = (rate: number) => `Adam, step ${rate}`;
const series = [GNS, ZERO, GRADIENT, ...rates.map(adamLabel)];
const plots = ["equations", "classes"] as const;
/**
 * Costs in gradients: a Gauss-Newton product is a forward pass with tangents and a backward pass; a value is a forward
 * pass.
 */
const PRODUCT_COST = 2;
const VALUE_COST = 1 / 3;

type Problem = (typeof plots)[number];

interface Training {
  readonly loss: number;
  /** Not recorded for Adam. */
  readonly gradientNorm: number | null;
  readonly steps: number;
  readonly cost: number;
  readonly products: number;
  readonly seconds: number;
}

/** Follows a method of descent until its cost in gradients is used up. */
async function* spend(
  method: Method<RegularizedIterate>,
  plot: string,
  label: string,
  budget: number,
  products: () => number,
): ExperimentRun<Training> {
  for await (const { iterate, seconds } of timed(method)) {
    const { value: loss, gradientNorm, iteration: steps, evaluations, gradients, done } = iterate;
    const cost = gradients + VALUE_COST * (evaluations - gradients) + PRODUCT_COST * products();
    if (loss > 0) yield point(plot, label, cost, loss);
    if (cost < budget && !done) continue;
    return { loss, gradientNorm, steps, cost, products: products(), seconds };
  }
  throw new Error("unreachable: a method yields until it is done");
}

/** Trains by a method of descent, on the traced loss as a function of one vector. */
async function* descend(
  { loss, model, parameters, data, curvature, ridge }: NetworkProblem,
  plot: string,
  label: string,
  budget: number,
  signal: AbortSignal,
): ExperimentRun<Training> {
  using objective = await objectiveFromGraph(loss, parameters, data);
  const x0 = objective.pack(parameters);
  if (label === GRADIENT)
    return yield* spend(gradientMethod(objective, x0, { signal }), plot, label, budget, () => 0);
  if (label === ZERO)
    return yield* spend(gnsNewton(objective, x0, { signal, hessian: "zero" }), plot, label, budget, () => 0);
  using gaussNewton = await gaussNewtonOperator({ model, curvature, parameters, data });
  let products = 0;
  const hessian = (x: Float64Array): HessianModel => {
    const matrix = shiftOperator(gaussNewton.at({ parameters: objective.unpack(x) }), ridge);
    return {
      kind: "operator",
      operator: {
        ...matrix,
        apply(v, out) {
          products += 1;
          return matrix.apply(v, out);
        },
      },
    };
  };
  return yield* spend(gnsNewton(objective, x0, { signal, hessian }), plot, label, budget, () => products);
}

/** Trains by Adam on all rows: one gradient per step. */
async function* trainAdam(
  { loss, parameters, data }: NetworkProblem,
  plot: string,
  rate: number,
  budget: number,
  signal: AbortSignal,
): ExperimentRun<Training> {
  const optimizer = adam({ learningRate: rate });
  using trainer = await compileTrainer({ loss, parameters, data, optimizer, batchSize: "full" });
  const start = performance.now();
  let last = Number.NaN;
  for await (const { epoch, loss: value } of trainer.train({
    epochs: budget,
    epochsPerIterate: 10,
    signal,
  })) {
    if (value === undefined) continue;
    last = value;
    yield point(plot, adamLabel(rate), epoch, value);
  }
  const seconds = (performance.now() - start) / 1000;
  return { loss: last, gradientNorm: null, steps: budget, cost: budget, products: 0, seconds };
}

const lossPlot = (id: string, title: string): PlotSpecification =>
  linePlot(id, title, logAxis("cost in gradients (a product counts as 2, a value as 1/3)"), logAxis("loss"), {
    series,
  });

export default defineExperiment({
  description:
    "Trains a small network on digits by conjugate gradients on Gauss-Newton products of the traced network, against gradient methods and Adam at an equal cost: as equations that it can satisfy, and as a classifier with a ridge term, whose minimum is not 0. An extension: the paper makes no claim about it.",
  parameters: z.object({
    rowsPerClass: z.int().min(5).max(90).default(90).describe("digits of each class"),
    budget: z.int().min(100).max(100_000).default(10_000).describe("cost allowed, in gradients"),
  }),
  profiles: { quick: { rowsPerClass: 30, budget: 1500 }, full: {} },
  seconds: { quick: 8, full: 120 },
  plots: [
    lossPlot("equations", "Equations that can be satisfied: loss against cost"),
    lossPlot("classes", "Classes with a ridge term: loss against cost"),
  ],

  async *measure({ parameters: { rowsPerClass, budget }, seed, signal, stage }) {
    const problems: Readonly<Record<Problem, NetworkProblem>> = {
      equations: await equations(rowsPerClass, seed),
      classes: await classification(rowsPerClass, seed),
    };
    const found: Record<Problem, Training[]> = { equations: [], classes: [] };
    for (const [i, plot] of plots.entries())
      for (const [k, label] of series.entries()) {
        const problem = problems[plot];
        yield progress((i + k / series.length) / 2, `${problem.name}, ${label}`);
        const rate = rates.find((each) => adamLabel(each) === label);
        found[plot].push(
          yield* stage(`${plot}, ${label}`, () =>
            rate === undefined
              ? descend(problem, plot, label, budget, signal)
              : trainAdam(problem, plot, rate, budget, signal),
          ),
        );
      }
    return { digits: CLASSES * rowsPerClass, budget, found };
  },

  // The paper claims nothing about it.
  judge: () => [],

  present({ digits, budget, found }) {
    const at = (plot: Problem, label: string): Training => found[plot][series.indexOf(label)];
    const loss = (plot: Problem, label: string) => formatFigure(at(plot, label).loss);
    const bestOf = (plot: Problem) =>
      rates.map(adamLabel).reduce((a, b) => (at(plot, b).loss < at(plot, a).loss ? b : a));
    const sentence = (plot: Problem) => {
      const best = bestOf(plot);
      const { steps, products } = at(plot, GNS);
      return `${loss(plot, GNS)} with Gauss-Newton products (${steps} steps, ${products} products), ${loss(plot, GRADIENT)} by the gradient method, ${loss(plot, ZERO)} with H = 0, ${loss(plot, best)} by the best of ${rates.length} Adam runs (${best})`;
    };
    return {
      headline: `At a cost of ${budget.toLocaleString("en-US")} gradients Gauss-Newton products leave a loss of ${loss("equations", GNS)} on the equations, the gradient method ${loss("equations", GRADIENT)}, the best of ${rates.length} Adam runs ${loss("equations", bestOf("equations"))}.`,
      captions: {
        equations: `Final loss: ${sentence("equations")}.`,
        classes: `Final loss: ${sentence("classes")}.`,
      },
      summary: [
        `Equations on ${digits} digits, final loss: ${sentence("equations")}.`,
        `Classes with a ridge term, where the error of the Gauss-Newton matrix does not vanish: ${sentence("classes")}.`,
        "Only Adam's step was tuned. The paper makes no claim about this experiment.",
      ],
      tables: [
        tableOf(
          "methods",
          "Training",
          {
            problem: "problem",
            method: "method",
            loss: "final loss",
            gradientNorm: "final ‖g‖",
            steps: "steps",
            cost: "cost (gradients)",
            products: "products",
            seconds: "seconds",
          },
          plots.flatMap((problem) => series.map((method) => ({ problem, method, ...at(problem, method) }))),
        ),
      ],
    };
  },
});
