import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import coupling from "./coupling.ts";
import identity from "./identity.ts";
import parts from "./parts.ts";
import sampling from "./sampling.ts";
import stopping from "./stopping.ts";
import tabular from "./tabular.ts";

test("identity: parts that add up, and a control that does not", () => {
  const findings = (errors: number, termwise: number, gradient: number, control: number) => ({
    rows: ["atoms", "circle"].map((problem) => ({
      problem,
      function: "zero",
      loss: 1.28,
      excess: 0.78,
      variance: 0.5,
      errors,
      control,
      termwise,
    })),
    gradient,
    samples: 20_000,
  });
  expectDecisive(identity, findings(1.5, 1e-13, 1e-11, 200), findings(12, 1e-3, 1e-2, 3));
});

test("coupling: a distance that falls like the root of the width", () => {
  const findings = (power: number, last: number, gap: number) => ({
    widths: [64, 256, 1024, 2048].map((width) => ({
      width,
      distances: [1, 3, 10, 30, 100].map(() => last * (width / 2048) ** power),
    })),
    draws: 6,
    network: [0.4, 0.2, 0.1 * (1 + gap)],
    kernel: [0.4, 0.2, 0.1],
    size: 0.9,
  });
  expectDecisive(coupling, findings(-0.5, 0.02, 0.02), findings(-0.1, 0.2, 0.5), findings(-0.9, 0.02, 0));
});

test("stopping: an error that rises again, and rules that stop before", () => {
  const rules = ["oracle", "SURE", "SURE, estimated noise", "local complexity", "no stopping"] as const;
  type ByRule = Record<(typeof rules)[number], number[]>;
  const byRule = (values: readonly number[]): ByRule => ({
    oracle: [values[0]],
    SURE: [values[1]],
    "SURE, estimated noise": [values[2]],
    "local complexity": [values[3]],
    "no stopping": [values[4]],
  });
  const findings = (
    [oracle, sure, rule, last]: readonly number[],
    [sureSlope, ruleSlope, lastSlope]: readonly number[],
    network: number,
  ) => ({
    sizes: [50, 100, 200, 400, 800].map((rows) => {
      const at = (value: number, slope: number) => value * (rows / 400) ** slope;
      return {
        rows,
        steps: byRule([100, 90, 80, 5, 1_000_000]),
        excess: byRule([
          at(oracle, sureSlope),
          at(sure, sureSlope),
          at(sure, sureSlope),
          at(rule, ruleSlope),
          at(last, lastSlope),
        ]),
      };
    }),
    draws: 5,
    noise: 0.5,
    others: [{ estimate: "score of the training points", excess: 3e-4 }],
    network: { steps: 600, best: 0.03, bestStep: 150, last: network },
  });
  expectDecisive(
    stopping,
    findings([0.03, 0.032, 0.08, 0.18], [-0.6, -0.4, -0.08], 0.05),
    findings([0.15, 0.3, 0.2, 0.18], [-0.1, -0.05, -0.6], 0.03),
  );
});

test("sampling: samples that come closer with more rows", () => {
  const estimates = ["stopped by SURE", "noise weights, stopped by SURE", "not stopped"];
  const findings = (distances: readonly number[], exact: number) => ({
    rows: [100, 400, 1600].flatMap((rows, i) =>
      estimates.map((estimate) => ({ estimate, rows, distance: distances[i], excess: 0.1, steps: 100 })),
    ),
    floor: 0.04,
    exact,
    normal: 0.3,
    steps: 100,
    particles: 500,
  });
  expectDecisive(sampling, findings([0.4, 0.25, 0.16], 0.035), findings([0.2, 0.3, 0.3], 0.2));
});

test("tabular: a loss that rises again, and a step that held-out rows can choose", () => {
  const findings = (best: number, last: number, chosen: number, tuned: number) => ({
    results: ["breast-cancer", "iris"].map((set) => ({
      set,
      rows: 800,
      best,
      bestStep: 100,
      last,
      constant: 1,
      chosen,
      least: 0.5,
      tuned,
      tunedRate: 0.01,
    })),
  });
  expectDecisive(tabular, findings(0.5, 0.6, 0.501, 0.52), findings(0.8, 0.8, 0.6, 0.4));
});

test("parts: four errors that bound the whole, the coupling the least", () => {
  const findings = (
    coupling: readonly number[],
    excess: readonly number[],
    noises: readonly number[],
    biases: readonly number[],
  ) => ({
    step: 150,
    coupling,
    noise: 0.02,
    bias: 0.008,
    approximation: 0.003,
    excess,
    noises,
    biases,
  });
  expectDecisive(
    parts,
    findings([0.004, 0.001], [0.04, 0.04], [0.004, 0.008, 0.015, 0.03], [0.07, 0.04, 0.015, 0.004]),
    findings([0.01, 0.02], [0.4, 0.4], [0.004, 0.003, 0.015, 0.03], [0.07, 0.04, 0.05, 0.004]),
  );
});
