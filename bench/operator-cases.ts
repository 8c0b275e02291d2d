import type { Case } from "./cases.ts";
import { operatorSizes, operatorSteps } from "./operator-sizes.ts";

const { sensors, width } = operatorSizes;
/** Float32 sums in another order, through tens of steps of Adam. */
const STEPS = 2e-3;

const stepCase = (program: keyof typeof operatorSteps, atMost: number): Case => ({
  id: program,
  title: `DeepONet, ${operatorSteps[program][0].toLocaleString("en")} functions with one point each, branch ${sensors}-${width}-${width}, trunk 1-${width}-${width}, Adam, float32: a full-batch step`,
  unit: "step",
  contenders: [
    { peer: "gradus", program, label: "gradus" },
    { peer: "gradus-wasm", program, label: "gradus, WASM" },
    { peer: "pytorch", program, label: "PyTorch" },
    { peer: "pytorch", program: `${program}-fused`, label: "PyTorch, fused Adam" },
  ],
  budgets: [
    { against: "PyTorch", atMost },
    { against: "PyTorch, fused Adam", atMost },
  ],
  tolerance: STEPS,
});

/** A training step of the paper's DeepONet. */
export const operatorCases: readonly Case[] = [
  stepCase("deeponet-1000", 0.6),
  stepCase("deeponet-10000", 0.7),
];
