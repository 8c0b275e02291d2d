import type { Case } from "./cases.ts";
import { collaborativeSizes } from "./collaborative-sizes.ts";

/** Sums of float32 numbers, some cancelling, in another order. */
const SUMMED = 1e-3;

/** A round among liars, for all honest nodes at once, beside the way of the authors' code. */
export const collaborativeCases: readonly Case[] = [
  { name: "aggregation" as const, what: "nearest-neighbor averaging under a sign flip" },
  { name: "mixing" as const, what: "a mixing step under ALIE, 16 evaluations" },
].map(({ name, what }) => {
  const { nodes, faulty, dimension } = collaborativeSizes[name];
  return {
    id: `collaborative-${name}`,
    title: `MoNNA, n = ${nodes}, f = ${faulty}, d = ${dimension.toLocaleString("en")}, float32: ${what}`,
    unit: "step",
    contenders: [
      { peer: "gradus", program: `collaborative-${name}`, label: "gradus" },
      { peer: "pytorch", program: `collaborative-${name}`, label: "PyTorch, as the authors' code" },
    ],
    budgets: name === "mixing" ? [{ against: "PyTorch, as the authors' code", atMost: 0.1 }] : [],
    tolerance: SUMMED,
  };
});
