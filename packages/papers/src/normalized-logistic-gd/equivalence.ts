import { type SeparationMethod, separationIterates } from "gradus/optimize";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, type Point, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { followPath, stepLabel } from "./path.ts";
import { digitPair, type Problem } from "./problems.ts";

const pairs = [
  [3, 8],
  [1, 8],
  [4, 9],
] as const;
const gammas = [1e8, 1e6, 1e5, 1e4, 1e2, 10] as const;
/** Errors of exactly 0 are drawn at this value on a logarithmic axis. */
const DRAWN_ZERO = 1e-17;

async function firstThetas(
  problem: Problem,
  options: { method: SeparationMethod; step: number; iterations: number; signal: AbortSignal },
): Promise<Float64Array[]> {
  const { method, step, iterations, signal } = options;
  const thetas: Float64Array[] = [];
  const path = separationIterates({ A: problem.x, y: problem.y, method, step, stop: "never", signal });
  for await (const iterate of path) {
    thetas.push(iterate.theta());
    if (iterate.iteration === iterations) break;
  }
  return thetas;
}

const largest = (x: Float64Array) => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** |theta_t / gamma - ref_t|_inf / |ref_t|_inf for t = 1, 2, ... */
function relativeErrors(
  path: readonly Float64Array[],
  limit: readonly Float64Array[],
  gamma: number,
): number[] {
  return path
    .slice(1)
    .map(
      (theta, k) => largest(theta.map((value, j) => value / gamma - limit[k + 1][j])) / largest(limit[k + 1]),
    );
}

/** The findings on one pair of digits. */
interface Pair {
  readonly name: string;
  /** The largest distance, for each γ. */
  readonly worst: readonly number[];
  /** Iterations to separate. */
  readonly gd: number;
  readonly perceptron: number;
}

const at = ({ worst }: Pair, gamma: (typeof gammas)[number]) => worst[gammas.indexOf(gamma)];

export default defineExperiment({
  description:
    "Runs logistic regression with gradient descent (LR+GD) and the batch perceptron side by side on three pairs of digits, without stopping, and measures how far θ_t/γ is from the perceptron’s iterate.",
  parameters: z.object({
    iterations: z.int().min(2).max(2000).default(60).describe("steps compared"),
  }),
  profiles: { quick: {}, full: {} },
  seconds: { quick: 1, full: 1 },
  plots: pairs.map(([a, b]) =>
    linePlot(
      `error-${a}v${b}`,
      `Distance from the batch perceptron, digits ${a} against ${b}`,
      "step t",
      logAxis("relative distance of θ_t/γ from the perceptron’s iterate"),
      { series: gammas.map((gamma) => `γ = ${stepLabel(gamma)}`) },
    ),
  ),

  async *measure({ parameters: { iterations }, signal, stage }) {
    const found: Pair[] = [];
    for (const [k, [a, b]] of pairs.entries()) {
      const name = `${a}v${b}`;
      yield progress(k / pairs.length, `digits ${name}`);
      const pair = yield* stage(name, async function* () {
        const problem = await digitPair(a, b);
        const limit = await firstThetas(problem, { method: "batch-perceptron", step: 1, iterations, signal });
        const worst: number[] = [];
        for (const gamma of gammas) {
          const path = await firstThetas(problem, { method: "gd", step: gamma, iterations, signal });
          const errors = relativeErrors(path, limit, gamma);
          worst.push(Math.max(...errors));
          const drawn = errors.map((error, t): Point => ({ x: t + 1, y: Math.max(error, DRAWN_ZERO) }));
          yield points(`error-${name}`, `γ = ${stepLabel(gamma)}`, drawn);
        }
        const maxIterations = 10_000;
        const gd = yield* followPath(problem, { method: "gd", step: 1e8, maxIterations, signal });
        const perceptron = yield* followPath(problem, {
          method: "batch-perceptron",
          step: 1,
          maxIterations,
          signal,
        });
        return { worst, gd: gd.iterations, perceptron: perceptron.iterations };
      });
      found.push({ name, ...pair });
    }
    return { iterations, pairs: found };
  },

  judge({ pairs }) {
    return pairs.flatMap((pair) => [
      check(
        "C1",
        `digits ${pair.name}: largest relative distance at γ = 1e8`,
        at(pair, 1e8),
        { atMost: 1e-12 },
        criterion("the limit is reached when double precision shows only rounding"),
      ),
      check(
        "C1",
        `digits ${pair.name}: largest factor of the distance from γ = 1e2 to 1e4 and from 1e4 to 1e6`,
        Math.max(at(pair, 1e4) / at(pair, 1e2), at(pair, 1e6) / at(pair, 1e4)),
        { below: 1 },
        criterion("a limit is approached: the distance falls as γ grows"),
      ),
      check(
        "C1",
        `digits ${pair.name}: difference in iterations to separate, LR+GD with γ = 1e8 and batch perceptron`,
        Math.abs(pair.gd - pair.perceptron),
        { atMost: 2 },
        criterion("the same method separates after the same number of iterations, up to late ties"),
      ),
      ourCheck(
        `digits ${pair.name}: largest relative distance at γ = 100`,
        at(pair, 1e2),
        { atLeast: 1e-3 },
        criterion("a distance that is zero at every step size would show no limit"),
      ),
    ]);
  },

  present({ iterations, pairs }) {
    const largestAt = (gamma: (typeof gammas)[number]) =>
      formatRounded(Math.max(...pairs.map((pair) => at(pair, gamma))));
    return {
      headline: `At γ = 1e8 LR+GD is within ${largestAt(1e8)} of the batch perceptron over ${iterations} steps (relative), at γ = 100 within ${largestAt(1e2)}.`,
      captions: Object.fromEntries(
        pairs.map((pair) => [
          `error-${pair.name}`,
          `The largest distance is ${formatRounded(at(pair, 1e8))} at γ = 1e8, ${formatRounded(at(pair, 1e4))} at γ = 1e4 and ${formatRounded(at(pair, 1e2))} at γ = 100; distances of exactly 0 are drawn at 1e-17.`,
        ]),
      ),
      summary: [
        `At γ = 1e8 no coordinate of θ_t/γ is further than ${largestAt(1e8)} (relative) from the batch perceptron’s in ${iterations} steps.`,
        `Iterations to separate, LR+GD with γ = 1e8 and batch perceptron: ${pairs.map(({ name, gd, perceptron }) => `${gd} and ${perceptron} (${name})`).join(", ")}.`,
      ],
      tables: [
        tableOf(
          "errors",
          `Largest relative distance over ${iterations} steps, and iterations to separate`,
          {
            data: "data",
            ...Object.fromEntries(gammas.map((gamma, i) => [`gamma${i}`, `γ = ${stepLabel(gamma)}`])),
            gd: "T of LR+GD, γ = 1e8",
            perceptron: "T of the batch perceptron",
          },
          pairs.map(({ name, worst, gd, perceptron }) => ({
            data: `digits ${name}`,
            ...Object.fromEntries(worst.map((value, i) => [`gamma${i}`, value])),
            gd,
            perceptron,
          })),
        ),
      ],
    };
  },
});
