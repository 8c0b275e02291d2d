import type { Case } from "./cases.ts";
import { convexNetworkSizes } from "./convex-network-sizes.ts";

const { directions, gap, rows } = convexNetworkSizes;
/** Objectives whose gaps are this small agree to it. */
const WITHIN_GAP = 1e-4;

/** The sampled convex program of a two-layer network: a lasso in the output weights of random hidden units. */
export const convexNetworkCases: readonly Case[] = rows.map((n) => ({
  id: `convex-network-${n}`,
  title: `Sampled convex program, ${n} rows, ${directions.toLocaleString("en")} hidden directions, to a duality gap of ${gap} |y|²`,
  unit: "solution",
  contenders: [
    { peer: "gradus-host", program: `convex-network-${n}`, label: "gradus" },
    { peer: "scipy", program: `convex-network-${n}`, label: "scikit-learn, Lasso" },
  ],
  budgets: [{ against: "scikit-learn, Lasso", atMost: 1 }],
  tolerance: WITHIN_GAP,
}));
