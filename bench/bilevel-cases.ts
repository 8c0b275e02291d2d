import { bilevelSizes } from "./bilevel-sizes.ts";
import type { Case } from "./cases.ts";

const { regular, cleaning } = bilevelSizes;
/** Points at which different methods have met the tolerance; they differ by about as much. */
const TARGET = 1e-2;
/** Float64 sums in another order, divided by sigma. */
const SAME_STEPS = 1e-6;

/** Bilevel problems by penalties of first order, and by implicit differentiation. */
export const bilevelCases: readonly Case[] = [
  {
    id: "bilevel-regular",
    title: `Bilevel problem, x in R^${regular.dx}, y in R^${regular.dy}, to a stationarity of ${regular.tolerance}`,
    unit: "solution",
    contenders: [
      { peer: "gradus-host", program: "bilevel-regular", label: "gradus" },
      { peer: "gradus", program: "bilevel-regular", label: "gradus, traced" },
      { peer: "pytorch", program: "bilevel-regular", label: "PyTorch, F2SA" },
      { peer: "pytorch", program: "bilevel-regular-aid", label: "PyTorch, AID by CG" },
    ],
    budgets: [
      { against: "PyTorch, F2SA", atMost: 0.5 },
      { against: "PyTorch, AID by CG", atMost: 0.5 },
    ],
    tolerance: TARGET,
  },
  {
    id: "bilevel-cleaning",
    title: `Weights of ${cleaning.train} examples, softmax regression, ${cleaning.features} features, ${cleaning.classes} classes, T = ${cleaning.innerSteps}: a step of the weights`,
    unit: "step",
    contenders: [
      { peer: "gradus-host", program: "bilevel-cleaning", label: "gradus" },
      { peer: "pytorch", program: "bilevel-cleaning", label: "PyTorch, F2SA" },
    ],
    budgets: [{ against: "PyTorch, F2SA", atMost: 1 }],
    tolerance: SAME_STEPS,
  },
];
