import type { Case } from "./cases.ts";
import { directionSizes } from "./direction-sizes.ts";

const { grid, step } = directionSizes;

export const directionCases: readonly Case[] = [
  {
    id: "grid-conjugate-gradients",
    title: `Conjugate gradients, Neumann's problem on ${grid.cells} x ${grid.cells} cells, to ${grid.tolerance}`,
    unit: "solution",
    contenders: [
      { peer: "gradus-host", program: "grid-conjugate-gradients", label: "gradus" },
      { peer: "gradus-host", program: "grid-multigrid", label: "gradus, with multigrid" },
      { peer: "scipy", program: "grid-conjugate-gradients", label: "scipy, CSR" },
    ],
    budgets: [{ against: "scipy, CSR", atMost: 0.5 }],
    // solutions differ as residuals of the tolerance do
    tolerance: 1e-2,
  },
  {
    id: "direction-step",
    title: `Direction network training step, ${step.cells} x ${step.cells} cells, batch ${step.batch}`,
    unit: "step",
    contenders: [
      { peer: "gradus", program: "direction-step", label: "gradus" },
      { peer: "gradus-wasm", program: "direction-step", label: "gradus, WASM" },
      { peer: "pytorch", program: "direction-step", label: "PyTorch" },
    ],
    budgets: [{ against: "PyTorch", atMost: 0.6 }],
    tolerance: 2e-3,
  },
];
