import { gaussNewtonOperator } from "gradus/curvature";
import { shiftOperator } from "gradus/linalg";
import { type HessianModel, objectiveFromGraph } from "gradus/objectives";
import { gnsNewton, gradientMethod } from "gradus/optimize";
import { adam, compileTrainer } from "gradus/train";
import { z } from "zod";
import { formatRounded } from "../check.ts";
import {
  defineExperiment,
  type ExperimentContext,
  type ExperimentRun,
  type PlotSpecification,
  point,
  progress,
} from "../experiment.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { timed } from "../shared/timed.ts";
import type { Start } from "./descent.ts";
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

/** What a training is, and where it is drawn. */
interface Setting extends Pick<ExperimentContext<unknown>, "resumable" | "signal"> {
  readonly plot: string;
  readonly label: string;
  readonly budget: number;
}

/** Follows a method of descent until its cost in gradients is used up. */
async function* spend({ resumable, plot, label, budget }: Setting, start: Start): ExperimentRun<Training> {
  type Seen = Record<"gradients" | "evaluations" | "products", number>;
  const costOf = ({ gradients, evaluations, products }: Seen) =>
    gradients + VALUE_COST * (evaluations - gradients) + PRODUCT_COST * products;
  const { iterate } = yield* resumable("training", {
    method: (resume) => timed(start, resume),
    until: (iterate) => costOf(iterate) >= budget,
    kept: null,
    async *each(iterate) {
      if (iterate.value > 0) yield point(plot, label, costOf(iterate), iterate.value);
    },
  });
  const { value: loss, gradientNorm, iteration: steps, products, seconds } = iterate;
  return { loss, gradientNorm, steps, cost: costOf(iterate), products, seconds };
}

/** Trains by a method of descent, on the traced loss as a function of one vector. */
async function* descend(
  { loss, model, parameters, data, curvature, ridge }: NetworkProblem,
  setting: Setting,
): ExperimentRun<Training> {
  const { label, signal } = setting;
  using objective = await objectiveFromGraph(loss, parameters, data);
  const x0 = objective.pack(parameters);
  if (label === GRADIENT)
    return yield* spend(setting, (resume) => gradientMethod(objective, x0, { signal, resume }));
  if (label === ZERO)
    return yield* spend(setting, (resume) => gnsNewton(objective, x0, { signal, resume, hessian: "zero" }));
  using gaussNewton = await gaussNewtonOperator({ model, curvature, parameters, data });
  const hessian = (x: Float64Array): HessianModel => ({
    kind: "operator",
    operator: shiftOperator(gaussNewton.at({ parameters: objective.unpack(x) }), ridge),
  });
  return yield* spend(setting, (resume) => gnsNewton(objective, x0, { signal, resume, hessian }));
}

/** Trains by Adam on all rows: one gradient per step. */
async function* trainAdam(
  { loss, parameters, data }: NetworkProblem,
  { resumable, signal, plot, label, budget }: Setting,
  rate: number,
): ExperimentRun<Training> {
  const optimizer = adam({ learningRate: rate });
  using trainer = await compileTrainer({ loss, parameters, data, optimizer, batchSize: "full" });
  const { iterate, kept } = yield* resumable("training", {
    method: (resume) =>
      timed((own) => trainer.train({ epochs: budget, epochsPerIterate: 10, signal, resume: own }), resume),
    kept: { loss: Number.NaN },
    async *each({ epoch, loss: value }, kept) {
      if (value === undefined) return;
      kept.loss = value;
      yield point(plot, label, epoch, value);
    },
  });
  const { loss: last } = kept;
  return {
    loss: last,
    gradientNorm: null,
    steps: budget,
    cost: budget,
    products: 0,
    seconds: iterate.seconds,
  };
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

  async *measure({ parameters: { rowsPerClass, budget }, seed, signal, stage, resumable }) {
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
        const setting = { resumable, signal, plot, label, budget };
        found[plot].push(
          yield* stage(`${plot}, ${label}`, () =>
            rate === undefined ? descend(problem, setting) : trainAdam(problem, setting, rate),
          ),
        );
      }
    return { digits: CLASSES * rowsPerClass, budget, found };
  },

  // The paper claims nothing about it.
  judge: () => [],

  present({ digits, budget, found }) {
    const at = (plot: Problem, label: string): Training => found[plot][series.indexOf(label)];
    const loss = (plot: Problem, label: string) => formatRounded(at(plot, label).loss);
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
        "Only Adam’s step was tuned. The paper makes no claim about this experiment.",
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
