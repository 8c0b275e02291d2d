import { rastrigin } from "gradus/objectives";
import {
  consensusBasedOptimization,
  growingInverseTemperature,
  type NoiseKind,
} from "gradus/optimize/derivative-free";
import { median, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, type ExperimentRun, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { tableOf } from "../shared/tables.ts";

interface Setting {
  readonly name: string;
  readonly dimension: number;
  readonly particles: number;
  readonly noiseKind: NoiseKind;
  readonly noise: number;
  readonly steps: number;
}

const settings: readonly [main: Setting, control: Setting, isotropic: Setting] = [
  {
    name: "anisotropic, d = 20",
    dimension: 20,
    particles: 40,
    noiseKind: "anisotropic",
    noise: 10.1,
    steps: 5000,
  },
  {
    name: "anisotropic, d = 10",
    dimension: 10,
    particles: 200,
    noiseKind: "anisotropic",
    noise: 9,
    steps: 2000,
  },
  {
    name: "isotropic, d = 10",
    dimension: 10,
    particles: 200,
    noiseKind: "isotropic",
    noise: 0.7,
    steps: 2000,
  },
];
/** The next local minimum is about 1 away: within 0.25 is well inside the basin. */
const RADIUS = 0.25;

/** Outcomes of the runs with one setting. */
interface Outcome {
  readonly name: string;
  readonly runs: number;
  /** Share of runs whose best particle is in the basin of the global minimum. */
  readonly success: number;
  /** Median over the runs. */
  readonly value: number;
  /** Evaluations per run. */
  readonly evaluations: number;
}

async function* outcomeOf(
  setting: Setting,
  {
    runs,
    seed,
    signal,
    start,
    share,
  }: { runs: number; seed: number; signal: AbortSignal; start: number; share: number },
): ExperimentRun<Outcome> {
  const { name, dimension, particles, noiseKind, noise, steps } = setting;
  const method = consensusBasedOptimization(rastrigin(dimension), {
    particles: { count: particles, lower: -3, upper: 3 },
    noise,
    noiseKind,
    inverseTemperature: growingInverseTemperature({ start: 30 }),
    runs,
    seed,
    signal,
  });
  for await (const iterate of method) {
    const { iteration, evaluations, done } = iterate;
    if (iteration > 0 && iteration % 50 === 0) {
      yield point("best", name, iteration, median(iterate.bestValues));
      yield progress(start + (share * iteration) / steps, `${name}, step ${iteration} of ${steps}`);
    }
    if (iteration < steps && !done) continue;
    const { bestPoints, bestValues } = iterate;
    const found = Array.from(bestValues, (_, m) =>
      bestPoints.subarray(m * dimension, (m + 1) * dimension).every((x) => Math.abs(x) < RADIUS) ? 1 : 0,
    );
    return {
      name,
      runs,
      success: sampleMean(found),
      value: median(bestValues),
      evaluations: evaluations / runs,
    };
  }
  throw new Error(`${name} ended before its first step`);
}

export default defineExperiment({
  description:
    "CBO on Rastrigin’s function: 40 particles in 20 dimensions with CBXpy’s settings, where the grid of local minima has 6²⁰ cells, and in 10 dimensions with either kind of noise.",
  parameters: z.object({
    runs: z.int().min(1).max(1000).default(100).describe("runs in 20 dimensions"),
    controlRuns: z
      .int()
      .min(1)
      .max(1000)
      .default(50)
      .describe("runs in 10 dimensions, for each kind of noise"),
  }),
  profiles: { quick: { runs: 20, controlRuns: 10 }, full: {} },
  seconds: { quick: 6, full: 30 },
  plots: [
    {
      id: "best",
      title: "Best value on Rastrigin’s function",
      x: { label: "step" },
      y: { label: "median best value", scale: "log" },
      mark: "line",
      series: settings.map(({ name }) => name),
    },
  ],

  async *measure({ parameters: { runs, controlRuns }, seed, signal, stage }) {
    const outcomes: Outcome[] = [];
    for (const [k, setting] of settings.entries()) {
      const part = {
        runs: k === 0 ? runs : controlRuns,
        seed: seed * 10 + k,
        signal,
        start: [0, 0.4, 0.7][k],
        share: k === 0 ? 0.4 : 0.3,
      };
      outcomes.push(yield* stage(setting.name, () => outcomeOf(setting, part)));
    }
    yield progress(1, "done");
    return { outcomes };
  },

  judge({ outcomes: [main, control, isotropic] }) {
    return [
      check(
        "C5",
        "share of runs that find the basin of the global minimum, d = 20",
        main.success,
        { atLeast: 0.9 },
        criterion("solving it reliably means at least nine runs in ten"),
      ),
      check(
        "C5",
        "median best value, d = 20",
        main.value,
        { atMost: 0.01 },
        criterion(
          "a hundredth of 0.995, the gap to the next local minimum: the minimum itself, not its basin",
        ),
      ),
      ourCheck(
        "share of runs that find the basin with anisotropic noise, d = 10",
        control.success,
        { atLeast: 0.9 },
        criterion("the control for the next check, with the same numbers of particles and steps"),
      ),
      ourCheck(
        "share of runs that find the basin with isotropic noise, d = 10",
        isotropic.success,
        { atMost: 0.1 },
        criterion(
          "isotropic noise must stay below √(2λ/d), too little to leave a local minimum: success should be rare",
        ),
      ),
    ];
  },

  present({ outcomes }) {
    const [main, control, isotropic] = outcomes;
    const percent = ({ success }: Outcome) => `${formatRounded(100 * success)}%`;
    return {
      headline: `Using function values alone, 40 particles find the global minimum of Rastrigin’s function in 20 dimensions in ${percent(main)} of the runs, with a median best value of ${formatRounded(main.value)}.`,
      summary: [
        `A run in 20 dimensions takes ${formatRounded(main.evaluations)} evaluations. Its noise of 10.1 is far above the limit for contraction in mean square; the particles still collapse almost surely, after rare long excursions.`,
        `In 10 dimensions with 200 particles, anisotropic noise succeeds in ${percent(control)} of the runs and isotropic noise in ${percent(isotropic)}: isotropic noise must be weaker than √(2λ/d) to contract at all.`,
      ],
      captions: {
        best: "Anisotropic noise searches one coordinate at a time and passes from cell to cell; isotropic noise stays where it starts.",
      },
      tables: [
        tableOf(
          "outcomes",
          "Runs on Rastrigin’s function",
          {
            name: "noise and dimension",
            runs: "runs",
            success: "share that succeed",
            value: "median best value",
            evaluations: "evaluations per run",
          },
          outcomes,
        ),
      ],
    };
  },
});
