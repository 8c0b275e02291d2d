import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import { scoreEach } from "./evaluation.ts";
import mechanism from "./mechanism.ts";
import randomSet from "./random-set.ts";
import slopeAndSpeed from "./slope-and-speed.ts";
import smallTasks from "./small-tasks.ts";
import startingPoint from "./starting-point.ts";
import targeting from "./targeting.ts";

test("mechanism: gradients, the bound on the amplifier, soft counts", () => {
  const findings = (boundRatio: number, countErrorPerRow: number, error: number) => ({
    samples: 100,
    boundRatio,
    countErrorPerRow,
    gradientErrors: [
      { metric: "f1", error: 1e-9 },
      { metric: "accuracy", error },
    ],
  });
  expectDecisive(mechanism, findings(1, 1e-8, 1e-8), findings(1.001, 1e-6, 1e-4));
});

test("targeting: gains in the metric trained for, none in accuracy, larger for rarer positives", () => {
  const tasks = (gain: (share: number) => number, accuracy: number) =>
    [0.05, 0.1, 0.2, 0.4].flatMap((share) =>
      [1, 1.5, 2].map((separation) => ({
        ...{ variant: "d = 8", d: 8, blobs: 1 as const, share, separation, seed: 1 },
        gains: {
          ...{ f1: gain(share), f2: gain(share), geometricMean: gain(share) },
          ...{ balancedAccuracy: gain(share), accuracy },
        },
      })),
    );
  expectDecisive(
    targeting,
    tasks((share) => 0.01 / share, 0.001),
    tasks((share) => -share / 10 - 0.02, 0.05),
  );
});

test("small tasks: gains over cross-entropy and squared error", () => {
  const tasks = (own: number) =>
    ["a", "b", "c", "d"].map((name) => {
      const scores = { BCE: 0.8, MSE: 0.79, own };
      return {
        ...{ name, rows: 100, positiveShare: 0.2 },
        scores: { balancedAccuracy: scores, geometricMean: scores },
      };
    });
  expectDecisive(smallTasks, tasks(0.85), tasks(0.7));
});

test("random set: gains, baselines, reported figures, an independent implementation", () => {
  const reference = { accuracy: 0.922, f1: 0.632, "f0.5": 0.637, f2: 0.732 };
  const own = { ...reference, geometricMean: 0.876, balancedAccuracy: 0.875 };
  const bce = { accuracy: 0.9215, f1: 0.547, "f0.5": 0.625, f2: 0.487 };
  const plain = { ...bce, geometricMean: 0.665, balancedAccuracy: 0.715 };
  const names = {
    accuracy: "accuracy",
    f1: "F1",
    "f0.5": "F0.5",
    f2: "F2",
    geometricMean: "G-mean",
    balancedAccuracy: "balanced accuracy",
  } as const;
  const metrics = ["accuracy", "f1", "f0.5", "f2", "geometricMean", "balancedAccuracy"] as const;
  const findings = (drop: number, rest: number) => {
    const lowered = scoreEach((metric) => own[metric] - drop);
    const others = scoreEach((metric) => plain[metric] + rest);
    return {
      diabetes: null,
      figures: [
        { name: "BCE", scores: others, tuned: own },
        ...["MSE", "SOL of F1", "SOL of balanced accuracy", "BCE, classes weighted"].map((name) => ({
          name,
          scores: others,
        })),
        ...["BCE after SMOTE", "BCE after undersampling"].map((name) => ({ name, scores: others })),
        ...metrics.map((target) => ({ name: `AnyLoss of ${names[target]}`, target, scores: lowered })),
      ],
    };
  };
  expectDecisive(randomSet, findings(0, 0), findings(0.5, 0.05));
});

test("starting point: no run from a zero output layer in a corner", () => {
  const runs = (collapsed: number) =>
    (["zero output layer", "random output layer", "random, BCE warm start"] as const).flatMap((start) =>
      (["f1", "balancedAccuracy", "accuracy"] as const).map((metric) => ({
        ...{ start, metric, units: 2, runs: 4, collapsed, own: 0.6 },
      })),
    );
  expectDecisive(startingPoint, runs(0), runs(1));
});

test("slope and speed: 73 among nine slopes, and counted operations", () => {
  const names = ["BCE", "accuracy", "F1", "balanced accuracy", "G-mean", "SOL (F1)"];
  const findings = (scores: readonly number[], operations: number) => ({
    timedRows: 1000,
    f1: scores,
    balancedAccuracy: scores,
    speeds: names.map((name) => ({
      ...{ name, median: 1, fastest: 1, ratio: 1 },
      operations: name === "BCE" ? 100 : name.startsWith("SOL") ? 150 : operations,
    })),
  });
  expectDecisive(
    slopeAndSpeed,
    findings([0.3, 0.4, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6], 120),
    findings([0.7, 0.6, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6], 200),
  );
});
