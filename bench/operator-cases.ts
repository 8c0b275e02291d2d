import type { Case } from "./cases.ts";
import { operatorDataSizes, operatorSizes, operatorSteps } from "./operator-sizes.ts";

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

/** RK45 at its default tolerances is up to 0.014 of a label off, where the label is small. */
const ADAPTIVE = 2e-2;

const dataCase = (name: "antiderivative" | "pendulum"): Case => ({
  id: `operator-data-${name}`,
  title: `Training data of an operator (${name}), ${operatorDataSizes.functions} functions on ${operatorDataSizes.points.toLocaleString("en")} points, each solved up to a location of its own`,
  unit: "function",
  contenders: [
    { peer: "gradus-host", program: `operator-data-${name}`, label: "gradus" },
    { peer: "scipy", program: `operator-data-${name}`, label: "scipy, RK45, one function at a time" },
  ],
  budgets: [{ against: "scipy, RK45, one function at a time", atMost: 0.05 }],
  tolerance: ADAPTIVE,
});

/** Training steps of the paper's DeepONet, and its training data. */
export const operatorCases: readonly Case[] = [
  stepCase("deeponet-1000", 0.6),
  stepCase("deeponet-10000", 0.7),
  dataCase("antiderivative"),
  dataCase("pendulum"),
];
