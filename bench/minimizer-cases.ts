import type { Case, Contender } from "./cases.ts";
import { minimizerSizes } from "./minimizer-sizes.ts";

const onHost = (program: string, label: string): Contender => ({ peer: "gradus-host", program, label });
const inScipy = (program: string, label: string): Contender => ({ peer: "scipy", program, label });

/** Least values of f at a gradient of 1e-6; below 1e-8 they count as 0. */
const SOLVED = 1e-6;

const { problems, gradient } = minimizerSizes;
const pairs = [
  ["lbfgs", "L-BFGS", "L-BFGS-B", "L-BFGS-B"],
  ["lbfgsb", "L-BFGS-B", "L-BFGS-B", "L-BFGS-B"],
  ["newton-cg", "Newton-CG", "Newton-CG", "Newton-CG"],
  ["trust-region", "trust region", "trust-ncg", "trust-ncg"],
  ["levenberg-marquardt", "Levenberg-Marquardt", "lm", "least_squares lm (MINPACK)"],
] as const;

/** Each method beside scipy's on problems of More, Garbow & Hillstrom, with exact first derivatives. */
export const minimizerCases: readonly Case[] = pairs.map(([id, label, peer, peerLabel]) => ({
  id: `minimize-${id}`,
  title: `${label} on ${problems.length} problems of Moré, Garbow and Hillstrom, to a gradient of ${gradient.toExponential()}`,
  unit: `all ${problems.length}`,
  contenders: [onHost(`minimize-${id}`, "gradus"), inScipy(`minimize-${peer}`, `scipy, ${peerLabel}`)],
  budgets: [],
  tolerance: SOLVED,
}));
