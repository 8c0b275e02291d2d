import type { Case } from "./cases.ts";
import { scoreSizes } from "./score-sizes.ts";

const { rows, width } = scoreSizes;

/** A step of gradient descent on the hidden layer of a two-layer score network. */
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
];
