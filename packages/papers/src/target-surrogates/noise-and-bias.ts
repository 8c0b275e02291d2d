import { denseMatrix, solveLeastSquares } from "gradus/linalg";
import { squaredLoss } from "gradus/losses";
import { randomStream } from "gradus/random";
import { innerExact, linearTargets, sso, targetLoss, targetProblem } from "gradus/target-surrogates";
import { exponentialStepSize } from "gradus/train";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, type Point, point, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { drive, mean } from "./follow.ts";

const ROWS = 200;
const FEATURES = 10;
const BATCH = 10;
const horizons = [250, 1000, 4000] as const;
const settings = [
  { sigma: 0, schedule: "exponential" },
  { sigma: 0.3, schedule: "exponential" },
  { sigma: 0.3, schedule: "constant" },
] as const;
type Setting = (typeof settings)[number];
const nameOf = ({ sigma, schedule }: Setting) => `σ = ${sigma}, ${schedule} step`;

/** Squared regression with columns scaled from 1 down to 10^-1.5, and the targets of its minimizer. */
function regression(sigma: number, seed: number) {
  const stream = randomStream(seed).split("regression");
  const x = stream.split("x").fillNormal(new Float64Array(ROWS * FEATURES));
  for (let i = 0; i < ROWS; i++)
    for (let j = 0; j < FEATURES; j++) x[i * FEATURES + j] *= 10 ** ((-1.5 * j) / (FEATURES - 1));
  const truth = stream.split("truth").fillNormal(new Float64Array(FEATURES));
  const noise = stream.split("noise");
  const model = linearTargets({ rows: ROWS, columns: FEATURES, values: x });
  const y = new Float64Array(ROWS);
  for (let i = 0; i < ROWS; i++) {
    for (let j = 0; j < FEATURES; j++) y[i] += x[i * FEATURES + j] * truth[j];
    y[i] += sigma * noise.normal();
  }
  const optimum = solveLeastSquares(denseMatrix(x, ROWS, FEATURES), y).x;
  return { model, loss: targetLoss(squaredLoss, y), optimum };
}

/** |X(theta_T - theta_opt)|^2 / |X theta_opt|^2. */
async function distanceAfter(
  T: number,
  { sigma, schedule }: Setting,
  { seed, signal }: { seed: number; signal: AbortSignal },
): Promise<number> {
  const { model, loss, optimum } = regression(sigma, seed);
  const problem = targetProblem(model, loss, { batchSize: BATCH, replacement: true, seed });
  const eta = schedule === "constant" ? 0.5 : exponentialStepSize(0.5, T);
  const start = new Float64Array(FEATURES);
  const { theta } = await drive(sso(problem, start, { eta, inner: innerExact(), domain: "full", signal }), T);
  const map = model.on();
  const reached = await map.targets(theta.map((value, j) => value - optimum[j]));
  const best = await map.targets(optimum);
  return Math.hypot(...reached) ** 2 / Math.hypot(...best) ** 2;
}

/** Where the two-point example ends, and its path. */
async function twoPoints(
  domain: "batch" | "full",
  { steps, seed, signal }: { steps: number; seed: number; signal: AbortSignal },
) {
  const model = linearTargets({ rows: 2, columns: 1, values: Float64Array.of(1, 2) });
  const loss = targetLoss(squaredLoss, [1, -0.5]);
  const problem = targetProblem(model, loss, { batchSize: 1, replacement: true, seed });
  const path: Point[] = [];
  const options = { eta: exponentialStepSize(1, steps), inner: innerExact(), domain, signal };
  const every = Math.ceil(steps / 200);
  const end = await drive(sso(problem, new Float64Array(1), options), steps, ({ iteration, theta }) => {
    if (iteration % every === 0) path.push({ x: iteration, y: theta[0] });
    return false;
  });
  return { end: end.theta[0], path };
}

export default defineExperiment({
  description:
    "Exact inner solves with the proximal term on all rows: distance to the minimizer with and without noise, with exponentially decaying and constant step sizes. Then the two-point example, with the proximal term on the batch and on both points.",
  parameters: z.object({
    seeds: z.int().min(1).max(100).default(10).describe("data sets of the regression"),
    twoPointSeeds: z.int().min(1).max(200).default(20).describe("runs of the two-point example"),
    twoPointSteps: z.int().min(100).max(200_000).default(20_000).describe("steps of the two-point example"),
  }),
  profiles: { quick: {}, full: { seeds: 50, twoPointSeeds: 100 } },
  seconds: { quick: 12, full: 60 },
  plots: [
    linePlot(
      "distance",
      "Distance to the optimal targets after T steps",
      logAxis("steps T (gradients of the loss)"),
      logAxis("‖X(θ_T − θ*)‖² / ‖Xθ*‖²"),
      { series: settings.map(nameOf) },
    ),
    linePlot(
      "two-points",
      "Two points: θ with the proximal term on all points and on the batch",
      "step t",
      "θ_t",
      { series: ["all points", "batch only"] },
    ),
  ],

  async *measure({ parameters: { seeds, twoPointSeeds, twoPointSteps }, seed, signal, stage }) {
    const distances: number[][] = [];
    for (const [k, setting] of settings.entries()) {
      const name = nameOf(setting);
      yield progress(0.15 * k, name);
      const found = yield* stage(name, async function* () {
        const found: number[] = [];
        for (const T of horizons) {
          const each: number[] = [];
          for (const one of repeatSeeds(seed, seeds))
            each.push(await distanceAfter(T, setting, { seed: one, signal }));
          found.push(mean(each));
          yield point("distance", name, T, mean(each));
        }
        return found;
      });
      distances.push(found);
    }

    const ends: Record<"batch" | "full", number> = { batch: Number.NaN, full: Number.NaN };
    for (const domain of ["full", "batch"] as const) {
      yield progress(domain === "full" ? 0.5 : 0.75, `two points, ${domain}`);
      ends[domain] = yield* stage(`two points, ${domain}`, async function* () {
        const each: number[] = [];
        for (const [s, one] of repeatSeeds(seed, twoPointSeeds).entries()) {
          const { end, path } = await twoPoints(domain, { steps: twoPointSteps, seed: one, signal });
          each.push(end);
          if (s === 0) yield points("two-points", domain === "full" ? "all points" : "batch only", path);
          yield progress(
            (domain === "full" ? 0.5 : 0.75) + (0.25 * s) / twoPointSeeds,
            `two points, ${domain}`,
          );
        }
        return mean(each);
      });
    }
    return { seeds, twoPointSeeds, distances, ends };
  },

  judge({ distances, ends }) {
    const [clean, falling, constant] = distances;
    return [
      check(
        "C4",
        "decay per step from T = 1000 to 4000 over decay per step from T = 250 to 1000, no noise",
        Math.log(clean[1] / clean[2]) / 3000 / (Math.log(clean[0] / clean[1]) / 750),
        { atLeast: 0.5 },
        criterion(
          "a linear rate stays the same, that of a power of T falls to a quarter; at least half counts as linear",
        ),
      ),
      check(
        "C4",
        "squared distance after 1000 over after 4000 steps, noise 0.3, exponential step size",
        falling[1] / falling[2],
        { atLeast: 4 },
        criterion("a distance of σ/√T, squared, falls to a quarter when T grows fourfold"),
      ),
      check(
        "C4",
        "squared distance after 4000 steps, noise 0.3, constant over exponential step size",
        constant[2] / falling[2],
        { atLeast: 2 },
        criterion("the gain from the exponential step size stands apart: at least a factor of two"),
      ),
      ourCheck(
        "squared distance after 4000 over after 1000 steps, noise 0.3, constant step size",
        constant[2] / constant[1],
        { between: [0.5, 2] },
        criterion("a constant step size is a fair comparison once it has reached its plateau"),
      ),
      check(
        "C5",
        "mean θ on two points, proximal term on the batch",
        ends.batch,
        { between: [0.355, 0.395] },
        criterion("the fixed point is 3/8; 0.02 for the noise of the runs"),
      ),
      check(
        "C5",
        "mean θ on two points, proximal term on both points",
        ends.full,
        { between: [-0.02, 0.02] },
        criterion("the minimizer is 0; 0.02 for the noise of the runs"),
      ),
    ];
  },

  present({ seeds, twoPointSeeds, distances, ends }) {
    const [clean, falling, constant] = distances.map((each) => formatRounded(each[2]));
    const [batch, full] = [ends.batch, ends.full].map(formatRounded);
    return {
      headline: `With noise the exponential step size ends at a squared distance of ${falling} and the constant one at ${constant}; on two points the batch-restricted surrogate ends at ${batch} and the full one at ${full}, where the minimizer is 0.`,
      captions: {
        distance: `After 4000 steps the squared distance is ${clean} without noise; with noise it is ${falling} with the exponential step size and ${constant} with the constant one.`,
        "two-points": `Mean of the last θ over ${twoPointSeeds} runs: ${batch} with the proximal term on the batch, ${full} with the term on both points (one run is drawn).`,
      },
      summary: [
        `Squared distance after 4000 steps: ${clean} without noise; with noise ${falling} with the exponential step size and ${constant} with a constant one.`,
        `On the two-point example the batch-restricted surrogate ends at ${batch} and the one that covers both points at ${full}; the minimizer is 0.`,
      ],
      tables: [
        tableOf(
          "distances",
          `Mean squared relative distance of the targets over ${seeds} data sets`,
          {
            setting: "noise and step size",
            ...Object.fromEntries(horizons.map((T) => [`T${T}`, `T = ${T}`])),
          },
          settings.map((setting, k) => ({
            setting: nameOf(setting),
            ...Object.fromEntries(horizons.map((T, i) => [`T${T}`, distances[k][i]])),
          })),
        ),
      ],
    };
  },
});
