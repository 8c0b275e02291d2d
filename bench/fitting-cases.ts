import type { Case, Contender } from "./cases.ts";
import { type FittingFamily, type FittingProblem, fittingProblems, fittingSizes } from "./fitting-sizes.ts";

const gradus = (program: string, label = "gradus"): Contender => ({ peer: "gradus-host", program, label });
const python = (program: string, label: string): Contender => ({ peer: "scipy", program, label });

/** Values that have converged to 1e-8. */
const CONVERGED = 1e-7;

/** gradus' time over the best of several contenders', at most. */
export interface FittingBudget {
  readonly what: string;
  readonly against: readonly string[];
  /** The better of these is compared. */
  readonly ours: readonly string[];
  readonly atMost: number;
}

/** What is fitted, by whom, and what is asked of gradus over all sizes. */
export interface FittingPlan {
  readonly title: string;
  readonly ours: readonly (readonly [program: string, label: string])[];
  readonly peers: readonly (readonly [program: string, label: string])[];
  readonly budgets: readonly FittingBudget[];
}

const { ridge, gradient, penalty, gap, passes, margin } = fittingSizes;
const newton = ["gradus"];
const secondOrder = ["scikit-learn, newton-cholesky", "scikit-learn, newton-cg"];

export const fittingPlans: Readonly<Record<FittingFamily, FittingPlan>> = {
  logistic: {
    title: `Logistic regression, ridge ${ridge}, to a gradient of ${gradient}`,
    ours: [
      ["auto", "gradus"],
      ["exact", "gradus, Gram matrix"],
      ["products", "gradus, products alone"],
      ["lbfgs", "gradus, L-BFGS"],
    ],
    peers: [
      ["newton-cholesky", "scikit-learn, newton-cholesky"],
      ["newton-cg", "scikit-learn, newton-cg"],
      ["lbfgs", "scikit-learn, lbfgs"],
      ["liblinear", "scikit-learn, liblinear"],
    ],
    budgets: [
      { what: "the best second-order peer", against: secondOrder, ours: newton, atMost: 0.8 },
      {
        what: "the best of all",
        against: [...secondOrder, "scikit-learn, lbfgs", "scikit-learn, liblinear"],
        ours: newton,
        atMost: 1.2,
      },
    ],
  },
  lasso: {
    title: `Lasso, lambda ${penalty} lambda_max, to a relative gap of ${gap}`,
    ours: [["blocks", "gradus"]],
    peers: [["sklearn", "scikit-learn"]],
    budgets: [{ what: "scikit-learn", against: ["scikit-learn"], ours: ["gradus"], atMost: 0.8 }],
  },
  perceptron: {
    title: `${passes} passes of the perceptron`,
    ours: [["passes", "gradus"]],
    peers: [["sklearn", "scikit-learn"]],
    budgets: [{ what: "scikit-learn", against: ["scikit-learn"], ours: ["gradus"], atMost: 1 }],
  },
  separate: {
    title: `Weights that separate samples with a margin of ${margin}`,
    ours: [
      ["default", "gradus"],
      ["normalized", "gradus, normalized"],
    ],
    // HiGHS on the linear program takes 10 to 2,000 times their time
    peers: [
      ["perceptron", "scikit-learn, perceptron"],
      ["svc", "scikit-learn, liblinear SVC"],
    ],
    budgets: [
      {
        what: "scikit-learn",
        against: ["scikit-learn, perceptron", "scikit-learn, liblinear SVC"],
        ours: ["gradus"],
        atMost: 1,
      },
    ],
  },
};

/** How a size is called. */
export const sizeOf = ({ rows, columns, perRow }: FittingProblem): string =>
  `${rows.toLocaleString("en")} x ${columns.toLocaleString("en")}${perRow ? `, about ${perRow} entries a row` : ""}`;

/** Fits of all sizes from arrays to weights, the model's own copies and checks included. */
export const fittingCases: readonly Case[] = Object.entries(fittingPlans).flatMap(([family, plan]) =>
  fittingProblems(family as FittingFamily).map((problem) => ({
    id: problem.name,
    title: `${plan.title}: ${sizeOf(problem)}`,
    unit: "fit",
    contenders: [
      ...plan.ours.map(([program, label]) => gradus(`${problem.name}-${program}`, label)),
      ...plan.peers.map(([program, label]) => python(`${problem.name}-${program}`, label)),
    ],
    budgets: [],
    tolerance: CONVERGED,
  })),
);
