import type { Case } from "./cases.ts";
import { scoreSizes } from "./score-sizes.ts";

const { rows, width, kernel } = scoreSizes;

/** A step of gradient descent on the hidden layer of a two-layer score network, and all steps of its kernel at once. */
export const scoreCases: readonly Case[] = [
  {
    id: "score-network",
    title: `A step of a two-layer score network, ${rows} rows, ${width} units, float32`,
    unit: "step",
    contenders: [
      { peer: "gradus-host", program: "score-network", label: "gradus" },
      { peer: "pytorch", program: "score-network", label: "PyTorch, autograd" },
      { peer: "pytorch", program: "score-network-by-hand", label: "PyTorch by hand" },
    ],
    budgets: [{ against: "PyTorch, autograd", atMost: 0.5 }],
    tolerance: 2e-4,
  },
  {
    id: "score-kernel",
    title: `Tangent kernel of a two-layer score network on ${kernel.rows.toLocaleString("en")} rows, its eigenvectors, and the step that SURE chooses among a million, float64`,
    unit: "fit",
    contenders: [
      { peer: "gradus-host", program: "score-kernel", label: "gradus" },
      { peer: "scipy", program: "score-kernel", label: "scipy, eigh" },
    ],
    budgets: [],
    tolerance: 1e-6,
  },
];
