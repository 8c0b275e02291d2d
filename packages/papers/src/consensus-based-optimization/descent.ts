import { quadratic } from "gradus/objectives";
import { consensusBasedOptimization, consensusPoint } from "gradus/optimize/derivative-free";
import { randomStream } from "gradus/random";
import { median, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, type ExperimentRun, point, points, progress, type Show } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { tableOf } from "../shared/tables.ts";

const MEAN = [1, -1, 0.5, 2];
const VARIANCES = [1, 0.25, 4, 1].map((v) => 0.0025 * v);
const CURVATURES = [1, 2, 4, 8];
const inverseTemperatures = [1, 10, 100] as const;
const DIMENSION = 10;
const STEPS = 1500;
const WINDOW = 25;

const diagonal = (entries: readonly number[]) => ({
  rows: entries.length,
  columns: entries.length,
  values: Float64Array.from({ length: entries.length ** 2 }, (_, k) =>
    k % (entries.length + 1) === 0 ? entries[k / (entries.length + 1)] : 0,
  ),
});

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let j = 0; j < a.length; j++) {
    ab += a[j] * b[j];
    aa += a[j] * a[j];
    bb += b[j] * b[j];
  }
  return ab / Math.sqrt(aa * bb);
}

/** Measured and predicted drift of the consensus point, by coordinate. */
interface Drift {
  readonly alpha: number;
  readonly measured: readonly number[];
  /** -alpha S grad E(m). */
  readonly predicted: readonly number[];
}

/** c - m of Gaussian particles on a quadratic with its minimum at 0. */
function gaussianDrift(alpha: number, count: number, seed: number): Drift {
  const d = MEAN.length;
  const particles = randomStream(seed)
    .split("cloud")
    .fillNormalZiggurat(new Float64Array(count * d));
  const mean = new Float64Array(d);
  for (let k = 0; k < particles.length; k++) {
    particles[k] = MEAN[k % d] + Math.sqrt(VARIANCES[k % d]) * particles[k];
    mean[k % d] += particles[k] / count;
  }
  const values = quadratic(diagonal(CURVATURES), new Float64Array(d));
  const energies = new Float64Array(count);
  for (let i = 0; i < count; i++) energies[i] = values.value(particles.slice(i * d, (i + 1) * d));
  const { point: c } = consensusPoint({ rows: count, columns: d, values: particles }, energies, {
    inverseTemperature: alpha,
  });
  return {
    alpha,
    measured: Array.from(c, (x, j) => x - mean[j]),
    predicted: MEAN.map((m, j) => -alpha * VARIANCES[j] * CURVATURES[j] * m),
  };
}

/** Slope of the line through the origin. */
const slopeOf = ({ measured, predicted }: Drift): number =>
  measured.reduce((sum, y, j) => sum + y * predicted[j], 0) / predicted.reduce((sum, x) => sum + x * x, 0);

/** The drift measured in a run of CBO on a quadratic. */
interface Followed {
  readonly alpha: number;
  /** Share of steps in which c - mean points downhill. */
  readonly downhill: number;
  /** Median cosine of c - mean and -S grad E(mean). */
  readonly preconditioned: number;
  /** Median cosine of c - mean and -grad E(mean). */
  readonly plain: number;
}

/** c - mean against -S grad E(mean), S the covariance of the particles, in every step of a run. */
async function* followRun(
  alpha: number,
  { seed, signal, show }: { seed: number; signal: AbortSignal; show: Show<{ step: number; cosine: number }> },
): ExperimentRun<Followed> {
  const h = Array.from({ length: DIMENSION }, (_, j) => 1 + (9 * j) / (DIMENSION - 1));
  const count = 500;
  const method = consensusBasedOptimization(quadratic(diagonal(h), new Float64Array(DIMENSION)), {
    particles: { count, mean: 3, deviation: 1 },
    noise: 0.3,
    inverseTemperature: alpha,
    seed,
    signal,
  });
  const cosines: number[] = [];
  const plain: number[] = [];
  let downhill = 0;
  for await (const { iteration, particles, consensus } of method) {
    if (iteration === STEPS) break;
    const mean = new Float64Array(DIMENSION);
    for (let k = 0; k < particles.length; k++) mean[k % DIMENSION] += particles[k] / count;
    const slope = mean.map((m, j) => h[j] * m);
    const preconditioned = new Float64Array(DIMENSION);
    for (let at = 0; at < particles.length; at += DIMENSION) {
      let along = 0;
      for (let j = 0; j < DIMENSION; j++) along += (particles[at + j] - mean[j]) * slope[j];
      for (let j = 0; j < DIMENSION; j++)
        preconditioned[j] -= (along * (particles[at + j] - mean[j])) / count;
    }
    const drift = consensus.map((c, j) => c - mean[j]);
    cosines.push(cosine(drift, preconditioned));
    plain.push(-cosine(drift, slope));
    if (plain[iteration] > 0) downhill += 1;
    if ((iteration + 1) % WINDOW === 0)
      yield* show({ step: iteration + 1, cosine: sampleMean(cosines.slice(-WINDOW)) });
  }
  return {
    alpha,
    downhill: downhill / cosines.length,
    preconditioned: median(cosines),
    plain: median(plain),
  };
}

const seriesOf = (alpha: number) => `α = ${alpha}`;

export default defineExperiment({
  description:
    "The displacement from the particles’ mean to their consensus point, compared with the gradient step preconditioned by the particles’ covariance: for Gaussian particles, and in every step of CBO on a quadratic in 10 dimensions.",
  parameters: z.object({
    particles: z.int().min(1000).max(1_000_000).default(200_000).describe("Gaussian particles"),
  }),
  profiles: { quick: {}, full: { particles: 1_000_000 } },
  seconds: { quick: 7, full: 10 },
  plots: [
    {
      id: "cosine",
      title: "Direction of the consensus point from the mean",
      x: { label: "step of CBO" },
      y: { label: "mean cosine with −S∇E, 25 steps" },
      mark: "line",
      series: inverseTemperatures.map(seriesOf),
    },
    {
      id: "drift",
      title: "Drift of Gaussian particles, by coordinate",
      x: { label: "−αS∇E" },
      y: { label: "consensus point − mean" },
      mark: "dot",
      series: [seriesOf(1), seriesOf(20)],
      references: ["equal"],
    },
  ],

  async *measure({ parameters: { particles }, seed, signal, stage }) {
    const drifts = [1, 20].map((alpha) => gaussianDrift(alpha, particles, seed));
    for (const { alpha, measured, predicted } of drifts)
      yield points(
        "drift",
        seriesOf(alpha),
        measured.map((y, j) => ({ x: predicted[j], y })),
      );
    yield points("drift", "equal", [
      { x: -0.8, y: -0.8 },
      { x: 0.1, y: 0.1 },
    ]);
    const followed: Followed[] = [];
    for (const [k, alpha] of inverseTemperatures.entries())
      followed.push(
        yield* stage(seriesOf(alpha), () =>
          followRun(alpha, {
            seed: seed * 10 + k,
            signal,
            *show({ step, cosine: y }) {
              yield point("cosine", seriesOf(alpha), step, y);
              yield progress((k + step / STEPS) / 3, `CBO with α = ${alpha}, step ${step} of ${STEPS}`);
            },
          }),
        ),
      );
    yield progress(1, "done");
    return { drifts, followed };
  },

  judge({ drifts: [gentle], followed }) {
    return [
      check(
        "C1",
        "slope of consensus point − mean on −αS∇E, Gaussian particles, α = 1",
        slopeOf(gentle),
        { between: [0.9, 1.05] },
        theorem("first order in α of an exact formula: 1 / (1 + αS·curvature) is 0.96 to 0.99 here"),
      ),
      check(
        "C1",
        "cosine of consensus point − mean and −αS∇E, Gaussian particles, α = 1",
        cosine(gentle.measured, gentle.predicted),
        { atLeast: 0.99 },
        theorem("the same formula, with 200,000 particles"),
      ),
      ...followed.map(({ alpha, downhill }) =>
        check(
          "C1",
          `share of CBO’s steps in which the consensus point lies downhill of the mean, α = ${alpha}`,
          downhill,
          { atLeast: 0.95 },
          criterion("a random direction is downhill half the time, a descent method nearly always"),
        ),
      ),
      ...followed.map(({ alpha, preconditioned }) =>
        check(
          "C1",
          `median cosine of consensus point − mean and −S∇E in CBO, α = ${alpha}`,
          preconditioned,
          { atLeast: 0.7 },
          criterion("within 45 degrees; of random directions in 10 dimensions one in 130 is"),
        ),
      ),
    ];
  },

  present({ drifts, followed }) {
    const [gentle, steep] = drifts;
    const list = (of: (one: Followed) => number) => followed.map((one) => formatRounded(of(one))).join(", ");
    return {
      headline: `CBO’s consensus point lies downhill of the particles’ mean in ${followed.map(({ downhill }) => `${formatRounded(100 * downhill)}%`).join(", ")} of the steps for α = 1, 10, 100, along −S∇E to a median cosine of ${list(({ preconditioned }) => preconditioned)}.`,
      summary: [
        `For Gaussian particles and α = 1 the consensus point is where the gradient step preconditioned by the covariance S leads: slope ${formatRounded(slopeOf(gentle))}. For α = 20 the first-order step −αS∇E is too long: slope ${formatRounded(slopeOf(steep))}.`,
        `The drift follows −S∇E more closely than −∇E, whose median cosines are ${list(({ plain }) => plain)}: particles that have collapsed along steep directions no longer move there.`,
      ],
      captions: {
        cosine: "The larger α is, the fewer particles carry weight and the noisier the direction.",
        drift:
          "At α = 1 the coordinates of the drift lie on the line; at α = 20 the gradient step overshoots.",
      },
      tables: [
        tableOf(
          "runs",
          "CBO on a quadratic with curvatures from 1 to 10",
          {
            alpha: "α",
            downhill: "share of steps downhill",
            preconditioned: "median cosine with −S∇E",
            plain: "with −∇E",
          },
          followed,
        ),
      ],
    };
  },
});
