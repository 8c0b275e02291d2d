import type { Case, Contender } from "./cases.ts";
import { convexNetworkSizes, imageNetworkSizes } from "./convex-network-sizes.ts";

const { directions, gap, rows } = convexNetworkSizes;
const { classes, rows: images, beta, objective } = imageNetworkSizes;
/** Objectives whose gaps are this small agree to it. */
const WITHIN_GAP = 1e-4;

const onHost = (program: string, label: string): Contender => ({ peer: "gradus-host", program, label });
const lasso = "scikit-learn, Lasso";

/** The sampled convex program of a two-layer network: a lasso in the output weights of random hidden units. */
const sampledPrograms = rows.map((n): Case => {
  const id = `convex-network-${n}`;
  return {
    id,
    title: `Sampled convex program, ${n} rows, ${directions.toLocaleString("en")} hidden directions, to a duality gap of ${gap} |y|²`,
    unit: "solution",
    contenders: [onHost(id, "gradus"), { peer: "scipy", program: id, label: lasso }],
    budgets: [{ against: lasso, atMost: 1 }],
    tolerance: WITHIN_GAP,
  };
});

/** Training by convex programs, and what is trained by descent otherwise. */
export const convexNetworkCases: readonly Case[] = [
  ...sampledPrograms,
  {
    id: "convex-images",
    title: `Network for ${images.toLocaleString("en")} images of MNIST's digits ${classes.join(" and ")}, squared loss, penalty ${beta}, to an objective of ${objective}`,
    unit: "training",
    contenders: [
      onHost("convex-images", "gradus, ADMM"),
      { peer: "pytorch", program: "convex-images-adam", label: "PyTorch, Adam" },
      { peer: "pytorch", program: "convex-images-lbfgs", label: "PyTorch, L-BFGS" },
    ],
    budgets: [
      { against: "PyTorch, Adam", atMost: 1 / 3 },
      { against: "PyTorch, L-BFGS", atMost: 1 / 3 },
    ],
    tolerance: 0,
  },
];
