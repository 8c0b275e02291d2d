import {
  checked,
  column,
  failedAt,
  inMedian,
  largest,
  range,
  type Sources,
  seeds,
  tabulated,
  type Values,
} from "./official-values-testing.ts";

const logSumExp = (method: string) =>
  tabulated("log-sum-exp", "methods", { problem: "n = 200, μ = 1", method }, column("iterations"));

const fourthPower = (method: string) =>
  tabulated("fisher-term", "methods", { problem: "p = 4, 100 × 200", method }, column("iterations"));

const withoutMomentum: Values = (official) => {
  const over = checked(
    "price-of-faults",
    "gradient overhead without momentum over the one with momentum, f = 4",
  );
  const own = checked("price-of-faults", "gradient overhead, f = 4")(official);
  return over(official).map((ratio, i) => ratio * own[i]);
};

const underEmpires = checked("four-attacks", "accuracy of fault-free D-SGD minus MoNNA’s under FOE");

const [CBO, SOFTMAX] = ["normalized network, CBO", "softmax regression, L-BFGS"];

/** Where the figures of papers on optimization come from. */
export const optimization: Readonly<Record<string, Sources>> = {
  "gradient-normalized-smoothness": {
    figures: [
      { text: "in 18 iterations with the exact Hessian", is: inMedian(logSumExp("exact Hessian")) },
      { text: "in 32 with an approximate one", is: inMedian(logSumExp("weighted Gauss-Newton")) },
      { text: "the gradient method takes 77", is: inMedian(logSumExp("gradient, metric AᵀA")) },
      { text: "16 iterations", is: inMedian(fourthPower("Fisher term, rank one")) },
      { text: "the exact Hessian 23", is: inMedian(fourthPower("exact Hessian")) },
      { text: "20 seeds", is: seeds("log-sum-exp") },
    ],
    settings: ["‖Ax − b‖⁴/4"],
    remarks: [
      { text: "At one of 20 seeds", is: seeds("non-convex") },
      { text: "one of 20 seeds", is: failedAt("non-convex", "Chebyshev, p = 3"), within: [1, 1] },
    ],
  },
  anyloss: {
    figures: [
      {
        text: "from 0.55",
        is: inMedian(tabulated("random-set", "figures", { loss: "BCE" }, column("f1"))),
      },
      { text: "to 0.63", is: inMedian(checked("random-set", "F1 by its own loss")) },
    ],
    settings: ["(F1"],
  },
  "batch-size-learning-rates": {
    figures: [
      {
        text: "about 1.7 times",
        is: inMedian(
          tabulated(
            "network-hessian",
            "batches",
            { b: 8 },
            ({ largest, full }) => Number(largest) / Number(full),
          ),
        ),
      },
      {
        text: "the power of 0.9 for SGD",
        is: inMedian(checked("largest-rates", "SGD: power of b in the largest rate, b = 1 to 4")),
      },
      {
        text: "0.5 for Adam",
        is: inMedian(checked("largest-rates", "Adam: power of b in the largest rate, b = 1 to 64")),
      },
    ],
    settings: ["batches of 8"],
  },
  "target-surrogates": {
    figures: [
      {
        text: "about a ninth of them",
        is: inMedian(
          checked("amortization", "gradients with m = 1 over m = 10, condition number 10"),
          (ratio) => 1 / ratio,
        ),
        within: [1 / 9.5, 1 / 8.5],
      },
    ],
  },
  "block-coordinate-descent": {
    figures: [
      {
        text: "about 1,000 times",
        is: inMedian(
          checked("gradient-rules", "f − f* of GS (fixed) over that of GSL (fixed), smallest of 3 data sets"),
        ),
        significant: 1,
      },
    ],
  },
  monna: {
    figures: [
      { text: "from 22", is: inMedian(withoutMomentum) },
      { text: "to 1.7 times", is: inMedian(checked("price-of-faults", "gradient overhead, f = 4")) },
      {
        text: "0.03 to 0.19",
        is: range(underEmpires),
      },
    ],
    settings: ["among 48", "among 26"],
    remarks: [
      {
        text: "to 1.04, 1.17, 1.37 and 1.66 times",
        is: (official) =>
          [1, 2, 3, 4].map((f) =>
            inMedian(checked("price-of-faults", `gradient overhead, f = ${f}`))(official),
          ),
      },
      { text: "20 seeds", is: seeds("price-of-faults") },
      {
        text: "about 22 without momentum and about 1.7 with it",
        is: (official) => [
          inMedian(withoutMomentum)(official),
          inMedian(checked("price-of-faults", "gradient overhead, f = 4"))(official),
        ],
      },
      {
        text: "0.03 to 0.19 in accuracy (20 seeds)",
        is: (official) => [...range(underEmpires)(official), seeds("four-attacks")(official)],
      },
      { text: "The loss of 0.19", is: (official) => underEmpires(official)[0] },
    ],
  },
  "consensus-based-optimization": {
    figures: [],
    remarks: [
      {
        text: "60% to 89%",
        is: range(tabulated("classifier", "accuracies", { model: CBO }, column("accuracy"))),
      },
      {
        text: "95% to 98%",
        is: range(tabulated("classifier", "accuracies", { model: SOFTMAX }, column("accuracy"))),
      },
      { text: "at 20 seeds", is: seeds("classifier") },
    ],
  },
  adadagrad: {
    figures: [
      {
        text: "28 to 115 times",
        is: range(checked("rate", "AdaGradNorm: steps with b = 8 over steps with η = 0.9")),
      },
      { text: "20 seeds", is: seeds("rate") },
      {
        text: "with fewer samples",
        is: largest(checked("rate", "AdaGradNorm: samples with η = 0.9 over the fewest with one size")),
        within: [0, 1],
      },
    ],
    settings: ["batches of 8"],
  },
  "exact-augmented-lagrangian": {
    figures: [],
    remarks: [
      {
        text: "15 of 20 seeds on the breast-cancer set and at 6",
        is: (official) => {
          const below = (set: string) =>
            official
              .runs("logistic-regression")
              .filter(({ checks }) =>
                checks.some((one) => one.claim === "C5" && one.held && one.label.startsWith(set)),
              ).length;
          return [below("breast-cancer"), seeds("logistic-regression")(official), below("ionosphere")];
        },
      },
    ],
  },
};
