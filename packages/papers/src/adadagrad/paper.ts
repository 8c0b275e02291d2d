import type { Paper } from "../paper.ts";

export const adadagrad: Paper = {
  slug: "adadagrad",
  number: 16,
  arxivId: "2402.11215",
  title: "AdAdaGrad: Adaptive Batch Size Schemes for Adaptive Gradient Methods",
  use: "train({ loss, parameters, data, optimizer: adagrad({ learningRate: 0.1 }), epochs: 20, batchSize: adaptiveBatchSize({ test: normTest({ eta: 0.5 }), initial: 8, maximum: 1024 }) });",
  claims: [
    {
      id: "C1",
      statement:
        "AdaGradNorm on batches that pass the norm test comes to a stationary point at rate O(1/K) in the number of steps K, against O(1/√K) on batches of one size: the test makes the noise proportional to the gradient.",
      short: "rate 1/K in steps, not 1/√K",
      reported: "proven, with high probability",
    },
    {
      id: "C2",
      statement: "AdaGrad with a rate a coordinate and a coordinate-wise test converges in the same way.",
      short: "AdaGrad too",
      reported: "proven",
    },
    {
      id: "C3",
      statement: "Batches grow during training by themselves, without a schedule.",
      short: "batches grow by themselves",
      reported: "shown on image classification",
    },
    {
      id: "C4",
      statement:
        "On image classification the schemes take far fewer steps than a small batch and generalize better than a large one.",
      short: "few steps and good accuracy",
      reported: "figures not found",
    },
  ],
  experiments: [
    {
      id: "rate",
      title: "Steps and samples to a stationary point, on a regression without end",
      claims: ["C1", "C2", "C3"],
      graph: true,
      load: () => import("./rate.ts").then((module) => module.default),
    },
    {
      id: "relative-noise",
      title: "Does the norm test make the noise proportional to the gradient?",
      claims: ["C1"],
      graph: true,
      load: () => import("./relative-noise.ts").then((module) => module.default),
    },
  ],
  remarks: [],
};
