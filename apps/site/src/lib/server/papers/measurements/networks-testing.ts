import { z } from "zod";
import {
  checked,
  column,
  failedAt,
  found,
  heldAt,
  inMedian,
  largest,
  parameter,
  range,
  type Sources,
  seeds,
  smallest,
  spread,
  tabulated,
} from "./official-values-testing.ts";

const rayleighOverLanczos = found(
  "matrix-free",
  z.object({
    lanczosProducts: z.number(),
    rayleigh: z.object({ tight: z.object({ products: z.number() }) }),
  }),
  ({ lanczosProducts, rayleigh }) => rayleigh.tight.products / lanczosProducts,
);

/** The smallest (0) or largest (1) exact threshold over 2/Tr G. */
const thresholdShare = (end: 0 | 1) =>
  found("thresholds", z.object({ shares: z.tuple([z.number(), z.number()]) }), ({ shares }) => shares[end]);

const wideBudget = checked("budget", "λ = 100, budget 100: error reached over the target’s size");

const attacked = (method: string, attack: string) =>
  tabulated("adversarial", "attacks", { method }, column(attack));

const FLOW = "Fréchet distance of the probability flow with 49 evaluations over that of log-space steps";

/** Where the figures of papers on networks come from. */
export const networks: Readonly<Record<string, Sources>> = {
  "bandlimited-random-networks": {
    figures: [
      {
        text: "57%",
        is: inMedian(
          checked("plateau", "λ = 1: share of the target’s size that remains at the largest width"),
        ),
      },
      { text: "400 units", is: parameter("plateau", "width") },
      { text: "67%", is: inMedian(checked("budget", "λ = 1, budget 1000: bound over the target’s size")) },
      {
        text: "1/46,000 of the error",
        is: inMedian(
          checked(
            "assignment",
            "three bumps: error of units sampled from the spectrum over the best uniform domain, 100 units",
          ),
        ),
        within: [1 / 46_500, 1 / 45_500],
      },
      { text: "20 seeds", is: seeds("assignment") },
    ],
    settings: ["[-1, 1]²", "from 50 to", "at most 1,000", "100 units"],
    remarks: [
      {
        text: "at one of 20 seeds",
        is: (official) => wideBudget(official).filter((left) => left <= 0.1).length,
        within: [1, 1],
      },
      { text: "20 seeds", is: seeds("budget") },
      { text: "leave 13% of the target (median)", is: inMedian(wideBudget) },
    ],
  },
  deeponet: {
    figures: [
      { text: "1,000 functions", is: parameter("generalization", "functions") },
      {
        text: "24 to 93 times",
        is: range(
          checked("generalization", "test error of DeepONet over the best fully connected network’s"),
          (ratio) => 1 / ratio,
        ),
      },
      { text: "20 seeds", is: seeds("generalization") },
    ],
    remarks: [
      {
        text: "At four of 20 seeds the stacked network’s test error is less than 1.3 times",
        is: failedAt("stacked", "median ratio of stacked over unstacked test error"),
        within: [4, 4],
      },
      {
        text: "at one of them smaller",
        is: (official) =>
          checked(
            "stacked",
            "median ratio of stacked over unstacked test error",
          )(official).filter((ratio) => ratio < 1).length,
        within: [1, 1],
      },
      {
        text: "At two the error for u = x is above 5%",
        is: failedAt("generalization", "relative error of DeepONet for u = x"),
        within: [2, 2],
      },
    ],
  },
  "score-estimation": {
    figures: [
      {
        text: "error is 0.034",
        is: inMedian(tabulated("stopping", "sizes", { rows: 400 }, column("excess1"))),
      },
      {
        text: "0.178 after a million steps",
        is: inMedian(tabulated("stopping", "sizes", { rows: 400 }, column("excess4"))),
      },
      {
        text: "to the power −0.63",
        is: inMedian(checked("stopping", "SURE: slope of the log excess over log rows"), Math.abs),
      },
      {
        text: "−0.13 without stopping",
        is: inMedian(checked("stopping", "no stopping: slope of the log excess over log rows"), Math.abs),
      },
      {
        text: "to the power −0.42",
        is: inMedian(
          checked("coupling", "step 30: slope of the log distance of network and kernel over the log width"),
          Math.abs,
        ),
      },
    ],
    settings: ["400 noisy labels", "from 50 to 800 labels"],
    remarks: [
      {
        text: "28 to 48 times as late",
        is: (official) =>
          spread(
            [200, 400, 800].flatMap((rows) =>
              tabulated(
                "stopping",
                "sizes",
                { rows },
                ({ steps0, steps3 }) => Number(steps0) / Number(steps3),
              )(official),
            ),
          ),
      },
      { text: "each of 20 seeds", is: seeds("stopping") },
      {
        text: "at three of 20 seeds it is steeper",
        is: failedAt("stopping", "no stopping: slope"),
        within: [3, 3],
      },
      {
        text: "at most 18% more error",
        is: (official) =>
          largest(
            checked(
              "stopping",
              "excess stopped by SURE over the least on the path, largest for 100 rows or more",
            ),
          )(official) - 1,
      },
      {
        text: "between −0.09 and −0.25",
        is: (official) => {
          const [steepest, flattest] = range(
            checked("stopping", "no stopping: slope of the log excess over log rows"),
          )(official);
          return [-flattest, -steepest];
        },
      },
    ],
  },
  "multiplicative-diffusion": {
    figures: [
      {
        text: "0.13 times",
        is: inMedian(
          checked(
            "generation",
            "Fréchet distance of log-space samples over that of independent log-normal pixels",
          ),
        ),
      },
      { text: "20 seeds", is: seeds("generation") },
      {
        text: "at least 168",
        is: smallest(checked("dales-law", "fewest weights that changed their sign, gradient descent")),
      },
    ],
    settings: ["of 640 weights"],
    remarks: [
      { text: "1.0 to 1.5 times the distance", is: range(checked("generation", FLOW)) },
      {
        text: "8 of 20 seeds",
        is: (official) => [
          checked("generation", FLOW)(official).filter((ratio) => ratio <= 1.2).length,
          seeds("generation")(official),
        ],
      },
    ],
  },
  "neural-tangent-kernel": {
    figures: [
      { text: "width 200 at every seed", is: heldAt("trained-law", "n = 200"), within: [20, 20] },
      {
        text: "18 of 20",
        is: (official) => [heldAt("trained-law", "n = 50")(official), seeds("trained-law")(official)],
      },
    ],
    settings: ["width 50"],
  },
  "convex-relu": {
    figures: [
      {
        text: "below 0.1%",
        is: (official) =>
          Math.max(
            largest(checked("sampling-quality", "certified relative gap of the refined network"))(official),
            largest(
              checked(
                "global-optimum",
                "largest proved relative gap of a network found by convex optimization",
              ),
            )(official),
          ),
        within: [0, 0.001],
      },
      { text: "84% of the unseen digits", is: inMedian(attacked("convex, robust", "pgd")) },
      {
        text: "certifies as many",
        is: inMedian(attacked("convex, robust", "certified")),
        within: [0.835, 0.845],
      },
      { text: "19% for standard", is: inMedian(attacked("convex, standard", "pgd")) },
      { text: "20 seeds", is: seeds("adversarial") },
    ],
    remarks: [
      {
        text: "at most seeds one or two of the 16",
        is: (official) =>
          checked(
            "global-optimum",
            "share of problems on which ADMM reaches a residual of 1e-9 within 10,000 iterations",
          )(official).filter((share) => share >= 14 / 16 && share < 1).length,
        within: [11, 20],
      },
      { text: "of the 16", is: parameter("global-optimum", "problems") },
      {
        text: "at 15 of 20 seeds",
        is: (official) => [
          heldAt("sampling-quality", "optimum with 160 patterns")(official),
          seeds("sampling-quality")(official),
        ],
      },
      {
        text: "and 32% above it",
        is: (official) =>
          largest(checked("sampling-quality", "optimum with 160 patterns over the global optimum"))(
            official,
          ) - 1,
      },
      {
        text: "met the bound at every seed",
        is: failedAt("sampling-quality", "optimum with 4000 directions"),
        within: [0, 0],
      },
      {
        text: "the exponent is close to 2",
        is: largest(checked("iteration-cost", "exponent of n in the flops per iteration, P = n / 20")),
        within: [1.95, 2.05],
      },
    ],
  },
  "deep-conjugate-direction": {
    figures: [
      { text: "32 x 32 cells", is: (official) => [parameter("unseen-geometry", "N")(official), 32] },
      {
        text: "0.14",
        is: inMedian(
          checked("unseen-geometry", "iterations with the network over those of CG, median of the systems"),
        ),
      },
      {
        text: "0.34",
        is: largest(
          checked(
            "unseen-geometry",
            "iterations with the network over those of CG, largest of the systems with obstacles",
          ),
        ),
      },
    ],
  },
  "hessian-spectrum": {
    figures: [],
    remarks: [
      { text: "1.7 to 2.6 times as many products", is: range(rayleighOverLanczos) },
      {
        text: "6.3 to 8.3 times as many (20 seeds)",
        is: (official) => [
          ...range(
            checked("matrix-free", "products for the top 5 eigenvalues, Rayleigh quotient over Lanczos"),
          )(official),
          seeds("matrix-free")(official),
        ],
      },
    ],
  },
  "dynamical-stability": {
    figures: [
      {
        text: "below 2/η",
        is: (official) =>
          Math.max(
            largest(checked("relu-network", "SGD: largest η Tr G/2"))(official),
            largest(checked("diagonal-network", "SGD: largest η Tr G/2"))(official),
          ),
        within: [0, 1],
      },
      {
        text: "about eight times 2/η or more",
        is: (official) =>
          Math.min(
            smallest(checked("relu-network", "GD, η ≥ 0.064: smallest η Tr G/2"))(official),
            smallest(checked("diagonal-network", "GD, η = 0.064: smallest η Tr G/2"))(official),
          ),
        within: [7.5, 8.5],
      },
    ],
    remarks: [
      {
        text: "0.24 to 0.98",
        is: (official) => [smallest(thresholdShare(0))(official), largest(thresholdShare(1))(official)],
      },
      { text: "random Jacobians of 20 seeds", is: seeds("thresholds") },
      {
        text: "still on their own edge",
        is: (official) =>
          Math.max(...["smallest", "largest"].map((end) => failedAt("batch-sizes", end)(official))),
        within: [0, 0],
      },
    ],
  },
};
