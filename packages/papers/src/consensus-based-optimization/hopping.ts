import { solve } from "gradus/iterate";
import { quadratic } from "gradus/objectives";
import { consensusHopping, proximal, softMoreauEnvelope } from "gradus/optimize/derivative-free";
import { logLogSlope, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, type ExperimentRun, point, points, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { tableOf } from "../shared/tables.ts";

const TAU = 0.5;
const inverseTemperatures = [1e1, 1e2, 1e3, 1e4] as const;
/** Objectives of one variable, and where the hop starts. */
const functions = {
  "y⁴/4": { f: (y: number) => y ** 4 / 4, x: 1 },
  "|y|": { f: Math.abs, x: 0.2 },
  ramp: { f: (y: number) => 50 * Math.max(-y, 0), x: 0 },
} as const;
type FunctionName = keyof typeof functions;
const names: readonly FunctionName[] = ["y⁴/4", "|y|", "ramp"];
const sampleSizes = [1e2, 1e3, 1e4, 1e5] as const;
/** Dimension, samples; the last has too few. */
const alignments = [
  [2, 200],
  [10, 2000],
  [50, 20_000],
  [50, 200],
] as const;

/** curvature_j of the quadratic sum_j curvature_j y_j^2 / 2. */
const bowl = (curvatures: readonly number[]) =>
  quadratic(
    {
      rows: curvatures.length,
      columns: curvatures.length,
      values: Float64Array.from({ length: curvatures.length ** 2 }, (_, k) =>
        k % (curvatures.length + 1) === 0 ? curvatures[k / (curvatures.length + 1)] : 0,
      ),
    },
    new Float64Array(curvatures.length),
  );

/** How far the hop of infinitely many samples lands from the proximal point. */
function hopDistances() {
  return names.map((name) => {
    const { f, x } = functions[name];
    const distances = inverseTemperatures.map((inverseTemperature) => {
      const { consensus, proximal: target } = softMoreauEnvelope(f, x, { stepSize: TAU, inverseTemperature });
      return Math.abs(consensus - target);
    });
    return { name, distances };
  });
}

/** The largest |x_k - x_(k-1) + tau M'(x_(k-1))| over 20 points and three functions. */
function identityError(): number {
  const [h, options] = [1e-4, { stepSize: TAU, inverseTemperature: 20 }];
  let largest = 0;
  for (const name of names)
    for (let k = 0; k < 20; k++) {
      const x = -1.5 + (3 * (k + 0.5)) / 20;
      const at = (z: number) => softMoreauEnvelope(functions[name].f, z, options).value;
      const slope = (at(x + h) - at(x - h)) / (2 * h);
      const { consensus } = softMoreauEnvelope(functions[name].f, x, options);
      largest = Math.max(largest, Math.abs(consensus - x + TAU * slope));
    }
  return largest;
}

/** On a quadratic the hop is the proximal step for every alpha: the largest difference. */
function quadraticError(): number {
  const [a, c, x] = [3, 0.4, -1.2];
  const exact = (a * c + x / TAU) / (a + 1 / TAU);
  return Math.max(
    ...inverseTemperatures.map((inverseTemperature) =>
      Math.abs(
        softMoreauEnvelope((y) => (a * (y - c) ** 2) / 2, x, { stepSize: TAU, inverseTemperature })
          .consensus - exact,
      ),
    ),
  );
}

interface Sampling {
  readonly alpha: number;
  readonly tau: number;
  readonly repetitions: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** RMS distance of the hop from the proximal step of sum_j j y_j^2 / 2 at (1, ..., 1), d = 5, by the number of samples. */
async function* samplingErrors(series: string, { alpha, tau, repetitions, seed, signal }: Sampling) {
  const f = bowl([1, 2, 3, 4, 5]);
  const errors: number[] = [];
  for (const samples of sampleSizes) {
    let square = 0;
    for (let k = 0; k < repetitions; k++) {
      const { iterate } = await solve(
        consensusHopping(f, 1, {
          width: Math.sqrt(tau / alpha),
          samples,
          inverseTemperature: alpha,
          seed: seed * 1000 + k,
          signal,
        }),
        { maxIterations: 1 },
      );
      iterate.consensus.forEach((x, j) => {
        square += (x - 1 / (1 + tau * (j + 1))) ** 2;
      });
    }
    errors.push(Math.sqrt(square / repetitions));
    yield point("samples", series, samples, errors[errors.length - 1]);
  }
  return errors;
}

/** Mean cosine of hop and negative gradient over 15 hops on a quadratic with curvatures from 1 to 10. */
async function cosineOf(d: number, samples: number, seed: number, signal: AbortSignal): Promise<number> {
  const curvatures = Array.from({ length: d }, (_, j) => 1 + (9 * j) / (d - 1));
  const f = bowl(curvatures);
  let x = new Float64Array(d).fill(1);
  const cosines: number[] = [];
  for (let step = 0; step < 15; step++) {
    const gradient = x.map((xj, j) => curvatures[j] * xj);
    const norm = Math.hypot(...gradient);
    const tau = 0.02;
    const { iterate } = await solve(
      consensusHopping(f, x, {
        width: tau * norm,
        samples,
        inverseTemperature: 1 / (tau * norm * norm),
        seed: seed * 100 + step,
        signal,
      }),
      { maxIterations: 1 },
    );
    const hop = iterate.consensus.map((y, j) => y - x[j]);
    const inner = hop.reduce((sum, h, j) => sum - h * gradient[j], 0);
    cosines.push(inner / (norm * Math.hypot(...hop)));
    x = Float64Array.from(iterate.consensus);
  }
  return sampleMean(cosines);
}

/** |proximal step - explicit step| over |explicit step| for y^4/4 + y^2/2 at 1, by tau. */
const implicitErrors = (taus: readonly number[]): number[] =>
  taus.map((tau) => {
    const explicit = -2 * tau;
    return Math.abs((proximal((y) => y ** 4 / 4 + y ** 2 / 2, 1, tau) - 1 - explicit) / explicit);
  });

const few = "ατ‖∇E‖² = 1.1";
const steep = "ατ‖∇E‖² = 550";
const slopeOf = (x: readonly number[], y: readonly number[]) => logLogSlope(x, y).slope;

export default defineExperiment({
  description:
    "One step of consensus hopping against the proximal step and the gradient step: with infinitely many samples by quadrature, with finitely many by sampling, for smooth and nonsmooth objectives, and by dimension.",
  parameters: z.object({
    repetitions: z.int().min(2).max(200).default(60).describe("repetitions of each sampled step"),
  }),
  profiles: { quick: { repetitions: 20 }, full: {} },
  seconds: { quick: 5, full: 12 },
  plots: [
    {
      id: "temperature",
      title: "Distance of the hop from the proximal point",
      x: { label: "inverse temperature α", scale: "log" },
      y: { label: "distance of the hop from the proximal point", scale: "log" },
      mark: "line",
      series: names,
      references: ["√(2τ/(πα))"],
    },
    {
      id: "samples",
      title: "The cost of finitely many samples",
      x: { label: "samples N", scale: "log" },
      y: { label: "RMS distance from the proximal point", scale: "log" },
      mark: "line",
      series: [few, steep],
    },
  ],

  async *measure({ parameters: { repetitions }, seed, signal, stage }) {
    const distances = hopDistances();
    for (const { name, distances: values } of distances)
      yield points(
        "temperature",
        name,
        values.map((y, k) => ({ x: inverseTemperatures[k], y })),
      );
    yield points(
      "temperature",
      "√(2τ/(πα))",
      inverseTemperatures.map((alpha) => ({ x: alpha, y: Math.sqrt((2 * TAU) / (Math.PI * alpha)) })),
    );
    yield progress(0.1, "hops by quadrature");
    const sampled = { repetitions, seed, signal };
    const fine = yield* stage(
      "fine",
      (): ExperimentRun<number[]> => samplingErrors(few, { alpha: 1, tau: 0.02, ...sampled }),
    );
    yield progress(0.4, "hops by sampling");
    const saturated = yield* stage(
      "saturated",
      (): ExperimentRun<number[]> => samplingErrors(steep, { alpha: 50, tau: 0.2, ...sampled }),
    );
    yield progress(0.7, "directions of hops");
    const cosines = yield* stage("cosines", async function* () {
      const all: number[] = [];
      for (const [d, samples] of alignments) {
        all.push(await cosineOf(d, samples, seed, signal));
        yield progress(0.7 + 0.07 * all.length, `direction of hops, d = ${d}, N = ${samples}`);
      }
      return all;
    });
    yield progress(1, "done");
    return {
      distances,
      identity: identityError(),
      quadratic: quadraticError(),
      fine,
      saturated,
      cosines,
      implicit: implicitErrors([0.2, 0.1, 0.05, 0.025]),
    };
  },

  judge({ distances, identity, quadratic: onQuadratic, fine, saturated, cosines, implicit }) {
    const last = inverseTemperatures.slice(1);
    const slope = (k: number) => slopeOf(last, distances[k].distances.slice(1));
    const constant = distances[2].distances[3] / Math.sqrt((2 * TAU) / (Math.PI * inverseTemperatures[3]));
    const laplace =
      "Laplace’s method, for a smooth objective or a minimum at a kink: order 1/α (tolerance 0.1)";
    return [
      check(
        "C2",
        "exponent of α in hop − proximal point, y⁴/4",
        slope(0),
        { between: [-1.1, -0.9] },
        theorem(laplace),
      ),
      check(
        "C2",
        "exponent of α in hop − proximal point, |y|",
        slope(1),
        { between: [-1.1, -0.9] },
        theorem(laplace),
      ),
      check(
        "C2",
        "exponent of α in hop − proximal point, ramp of slope 50",
        slope(2),
        { between: [-0.55, -0.45] },
        theorem("one-sided Gaussian at a steep ramp: order α^(−1/2), the worst case (tolerance 0.05)"),
      ),
      check(
        "C2",
        "distance at the ramp over √(2τ/(πα)), α = 10⁴",
        constant,
        { between: [0.95, 1.05] },
        theorem("mean of a half-normal law, for a slope K → ∞; 5% for K = 50"),
      ),
      check(
        "C2",
        "largest distance of the hop from the proximal point, quadratic",
        onQuadratic,
        { atMost: 1e-10 },
        theorem("for quadratics the two agree for every α; the tolerance is that of the quadrature"),
      ),
      check(
        "C1",
        "largest |hop + τM′| for the soft Moreau envelope M, three functions",
        identity,
        { atMost: 1e-6 },
        theorem(
          "differentiation under the integral: an identity; the tolerance is that of the differences for M′",
        ),
      ),
      check(
        "C1",
        "exponent of N in the distance from the proximal step, ατ‖∇E‖² = 1.1",
        slopeOf(sampleSizes, fine),
        { between: [-0.6, -0.4] },
        theorem("ratios of sample means: order N^(−1/2) (tolerance 0.1 for the sampling noise of the fit)"),
      ),
      ...alignments
        .slice(0, 3)
        .map(([d, samples], k) =>
          check(
            "C1",
            `mean cosine of hop and −∇E, d = ${d}, N = ${samples.toLocaleString("en-US")}`,
            cosines[k],
            { atLeast: 0.95 },
            criterion("“along the gradient” means within 18 degrees of it"),
          ),
        ),
      check(
        "C2",
        "ratio of |proximal − explicit step| relative to the step, τ = 0.05 against 0.025",
        implicit[2] / implicit[3],
        { between: [1.6, 2.1] },
        theorem("implicit and explicit Euler steps differ by O(τ): the ratio tends to 2 from below"),
      ),
      ourCheck(
        "exponent of N in the distance from the proximal step, ατ‖∇E‖² = 550",
        slopeOf(sampleSizes, saturated),
        { atLeast: -0.2 },
        criterion("too long a step saturates near width √(2 log N), which is no power of N"),
      ),
      ourCheck(
        "mean cosine of hop and −∇E, d = 50, N = 200",
        cosines[3],
        { atMost: 0.9 },
        criterion("too few samples for the dimension show as an angle above 25 degrees"),
      ),
    ];
  },

  present({ distances, fine, saturated, cosines, implicit }) {
    const slope = (k: number) =>
      formatRounded(slopeOf(inverseTemperatures.slice(1), distances[k].distances.slice(1)));
    return {
      headline: `Consensus hopping is a proximal gradient step: with infinitely many samples its distance from the proximal point falls as α to the power of ${slope(0)} where E is smooth and ${slope(2)} at a steep ramp, and its direction is that of −∇E to a cosine of ${formatRounded(cosines[1])} in 10 dimensions.`,
      summary: [
        `The hop equals the gradient step −τM′ on the soft Moreau envelope M exactly, smooth or not; M tends to the Moreau envelope as α grows, and the hop to the proximal point.`,
        `With N samples the distance falls as N to the power of ${formatRounded(slopeOf(sampleSizes, fine))}, as long as the intended step is about as long as the sampling width. Where it is 23 times as long, one sample carries all the weight and more samples hardly help: the distance is ${formatRounded(saturated[0])} with 100 and ${formatRounded(saturated[3])} with 100,000.`,
        `In 50 dimensions 200 samples leave a cosine of ${formatRounded(cosines[3])}; 20,000 give ${formatRounded(cosines[2])}.`,
        `The proximal step differs from the explicit gradient step by ${implicit.map(formatRounded).join(", ")} of its length at τ = 0.2, 0.1, 0.05, 0.025.`,
      ],
      captions: {
        temperature:
          "The distance falls as 1/α for a smooth objective and at a kink, and as α^(−1/2) at the foot of a steep ramp, the worst case.",
        samples:
          "Sampling noise falls as N^(−1/2) for steps about as long as the sampling width, and hardly at all for long ones.",
      },
      tables: [
        tableOf(
          "alignment",
          "Direction of hops, 15 steps on a quadratic with curvatures from 1 to 10",
          { dimension: "d", samples: "N", cosine: "mean cosine with −∇E" },
          alignments.map(([dimension, samples], k) => ({ dimension, samples, cosine: cosines[k] })),
        ),
      ],
    };
  },
});
