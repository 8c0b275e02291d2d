import { denseMatrix, solveLeastSquares } from "gradus/linalg";
import { squaredLoss } from "gradus/losses";
import { randomStream } from "gradus/random";
import { innerExact, linearTargets, sso, targetLoss, targetProblem } from "gradus/target-surrogates";
import { exponentialStepSize } from "gradus/train";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, type Point, points, progress, table } from "../experiment.ts";
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
  id: "noise-and-bias",
  title: "Noise, interpolation, and the bias of small batches",
  description:
    "Exact inner solves with the proximal term on all rows: distance to the minimizer with and without noise, exponential and constant steps. Then the two-point example, with the term on the batch and on both points.",
  claims: ["C4", "C5"],
  parameters: z.object({
    seeds: z.int().min(1).max(100).default(10).describe("data sets of the regression"),
    twoPointSeeds: z.int().min(1).max(200).default(20).describe("runs of the two-point example"),
    twoPointSteps: z.int().min(100).max(200_000).default(20_000).describe("steps of the two-point example"),
  }),
  profiles: { quick: {}, full: { seeds: 50, twoPointSeeds: 100 } },
  seconds: { quick: 12, full: 60 },
  plots: [
    {
      id: "distance",
      title: "Distance to the optimal targets after T steps",
      x: { label: "steps T (gradients of the loss)", scale: "log" },
      y: { label: "‖X(θ_T − θ*)‖² / ‖Xθ*‖²", scale: "log" },
      mark: "line",
      series: settings.map(nameOf),
    },
    {
      id: "two-points",
      title: "Two points: θ by the proximal term's domain",
      x: { label: "step t" },
      y: { label: "θ_t" },
      mark: "line",
      series: ["all points", "batch only"],
    },
  ],

  async *run({ parameters: { seeds, twoPointSeeds, twoPointSteps }, seed, signal, stage }) {
    const checks: Check[] = [];
    const distances = new Map<string, number>();
    const rows: Record<string, number | string | null>[] = [];
    for (const [k, setting] of settings.entries()) {
      const name = nameOf(setting);
      yield progress(0.15 * k, name);
      const found = yield* stage(name, async function* () {
        const found: number[] = [];
        for (const T of horizons) {
          const each: number[] = [];
          for (let s = 0; s < seeds; s++)
            each.push(await distanceAfter(T, setting, { seed: seed + s, signal }));
          found.push(mean(each));
          yield points("distance", name, [{ x: T, y: mean(each) }]);
        }
        return found;
      });
      horizons.forEach((T, i) => {
        distances.set(`${name}, ${T}`, found[i]);
      });
      rows.push({ setting: name, ...Object.fromEntries(horizons.map((T, i) => [String(T), found[i]])) });
      yield table({
        id: "distances",
        title: `Mean relative distance of the targets over ${seeds} data sets`,
        columns: [
          { key: "setting", label: "noise and step" },
          ...horizons.map((T) => ({ key: String(T), label: `T = ${T}` })),
        ],
        rows: [...rows],
      });
    }
    const [clean, falling, constant] = settings.map((setting) => (T: number) => {
      return distances.get(`${nameOf(setting)}, ${T}`) ?? Number.NaN;
    });
    checks.push(
      check("C4", "no noise: distance after 4000 steps", clean(4000), { atMost: 1e-8 }),
      check(
        "C4",
        "noise 0.3: exponential over constant step after 4000 steps",
        falling(4000) / constant(4000),
        {
          atMost: 0.15,
        },
      ),
      check(
        "C4",
        "noise 0.3, constant step: distance after 4000 over after 1000 steps, a plateau",
        constant(4000) / constant(1000),
        { between: [0.5, 2] },
      ),
    );

    const ends: Record<"batch" | "full", number> = { batch: Number.NaN, full: Number.NaN };
    for (const domain of ["full", "batch"] as const) {
      yield progress(domain === "full" ? 0.5 : 0.75, `two points, ${domain}`);
      ends[domain] = yield* stage(`two points, ${domain}`, async function* () {
        const each: number[] = [];
        for (let s = 0; s < twoPointSeeds; s++) {
          const { end, path } = await twoPoints(domain, { steps: twoPointSteps, seed: seed + s, signal });
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
    checks.push(
      check("C5", "two points, proximal term on the batch: mean θ, biased to 3/8", ends.batch, {
        between: [0.36, 0.39],
      }),
      check("C5", "two points, proximal term on both: mean θ, at the minimizer 0", ends.full, {
        between: [-0.01, 0.01],
      }),
    );
    yield progress(1, "done");
    return {
      checks,
      captions: {
        distance: `Without noise the distance falls to ${formatFigure(clean(4000))}; with noise the exponential step reaches ${formatFigure(falling(4000))}, the constant one stays at ${formatFigure(constant(4000))}.`,
        "two-points": `Mean end over ${twoPointSeeds} runs: ${formatFigure(ends.batch)} when the proximal term covers the batch alone, ${formatFigure(ends.full)} when it covers both points (one run is drawn).`,
      },
      summary: [
        `Distance after 4000 steps: ${formatFigure(clean(4000))} without noise; with noise ${formatFigure(falling(4000))} by the exponential step and ${formatFigure(constant(4000))} by a constant one.`,
        `On the two-point example the batch-restricted surrogate ends at ${formatFigure(ends.batch)}, not at the minimizer 0; covering both points, at ${formatFigure(ends.full)}.`,
      ],
    };
  },
});
