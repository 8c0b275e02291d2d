import type { Case } from "./cases.ts";
import { targetSurrogateSizes } from "./target-surrogate-sizes.ts";

const { rows, columns, batch, innerSteps } = targetSurrogateSizes;
/** Float64 sums in another order, through an epoch of steps. */
const EPOCH = 1e-6;

/** Surrogates in the space of targets on a linear model, inner descent with Armijo's search. */
export const targetSurrogateCases: readonly Case[] = [
  {
    id: "target-surrogate",
    title: `Target surrogates, logistic loss, ${rows.toLocaleString("en")} x ${columns}, batches of ${batch}, m = ${innerSteps}, float64: an inner step`,
    unit: "inner step",
    contenders: [
      { peer: "gradus", program: "target-surrogate", label: "gradus" },
      { peer: "pytorch", program: "target-surrogate", label: "PyTorch" },
    ],
    budgets: [{ against: "PyTorch", atMost: 1 }],
    tolerance: EPOCH,
  },
];
