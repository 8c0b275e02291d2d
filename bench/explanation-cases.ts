import type { Case } from "./cases.ts";
import { explanationSizes } from "./explanation-sizes.ts";

const { rows, features, hidden, samples } = explanationSizes;

/** All eight explainers of a network, for many rows. */
export const explanationCases: readonly Case[] = [
  {
    id: "explanations",
    title: `Eight explanations of ${rows} rows, ${features} features, ${hidden.length} ReLU layers, ${samples} perturbations`,
    unit: `${rows} rows`,
    contenders: [
      { peer: "gradus", program: "explanations", label: "gradus" },
      { peer: "gradus", program: "explanations-one-by-one", label: "gradus, row by row" },
      { peer: "pytorch", program: "explanations", label: "PyTorch by hand, all rows at once" },
      { peer: "pytorch", program: "explanations-one-by-one", label: "PyTorch by hand, row by row" },
    ],
    budgets: [
      { against: "gradus, row by row", atMost: 0.2 },
      { against: "PyTorch by hand, row by row", atMost: 0.2 },
    ],
    // of the four explainers without random numbers
    tolerance: 1e-9,
  },
];
