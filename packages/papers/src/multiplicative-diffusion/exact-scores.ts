import { selectRows } from "gradus/data";
import { geometricBrownianProcess, sample, samplePath } from "gradus/diffusion";
import type { DenseMatrix } from "gradus/linalg";
import { randomStream } from "gradus/random";
import { logLogSlope, normalCdf } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import {
  curve,
  defineExperiment,
  type ExperimentRun,
  point,
  points,
  progress,
  replaceCurve,
} from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { atomsModel, distance, logarithms, logNormalModel, spirals } from "./laws.ts";

const [MEAN, VARIANCE] = [0.3, 0.0625];
const VOLATILITY = 0.8;
const STEPS = [10, 20, 50, 100] as const;
const ATOMS = 100;
/** So near 0 that the last time adds nothing to the law. */
const NOTHING = 1e-6;
/** Particles and steps that are drawn as paths. */
const SHOWN = 6;
const TAIL_DELTAS = [0.3, 0.5] as const;

interface NormalRun {
  readonly steps: number;
  /** Mean and variance of log x of the sampler in logarithms. */
  readonly mean: number;
  readonly variance: number;
  /** The variance that the recursion of its steps gives. */
  readonly recursion: number;
  /** Mean of log x of the ambient sampler, over the particles that stayed positive. */
  readonly ambientMean: number;
  readonly ambientNonPositive: number;
  readonly logNonPositive: number;
}

interface Findings {
  readonly particles: number;
  readonly runs: readonly NormalRun[];
  readonly tails: readonly { readonly delta: number; readonly count: number; readonly of: number }[];
  readonly atoms: {
    readonly floor: number;
    readonly steps: readonly {
      readonly name: string;
      readonly evaluations: number;
      readonly distance: number;
    }[];
  };
}

function momentsOf(values: Float64Array) {
  const logs = values.map(Math.log);
  const mean = logs.reduce((sum, y) => sum + y / logs.length, 0);
  return { mean, variance: logs.reduce((sum, y) => sum + (y - mean) ** 2 / logs.length, 0) };
}

/** The variance of log x after n uniform steps, from the variance at the end. */
function recursionOf(steps: number): number {
  const sigma2 = VOLATILITY ** 2;
  const delta = (1 - NOTHING) / steps;
  let v = VARIANCE + sigma2;
  for (let k = 0; k < steps; k++)
    v = (1 - (delta * sigma2) / (VARIANCE + sigma2 * (1 - k * delta))) ** 2 * v + delta * sigma2;
  return v;
}

/** The chance that one ambient step from h = -1 and mu = .32 is not positive. */
const tailOf = (delta: number) =>
  normalCdf(-(1 + delta * (VOLATILITY ** 2 - 0.32)) / (VOLATILITY * Math.sqrt(delta)));

const standardErrors = (count: number, p: number, of: number) =>
  Math.abs(count - of * p) / Math.sqrt(of * p * (1 - p));

export default defineExperiment({
  description:
    "Samplers with the exact score, so that all errors are those of the steps: of a log-normal law, whose variance has a recursion and whose ambient steps leave the positive numbers with a known chance; and of 100 points on two spirals.",
  parameters: z.object({
    particles: z.int().min(10_000).max(400_000).default(200_000).describe("particles of the log-normal law"),
    atomParticles: z.int().min(500).max(20_000).default(4000).describe("particles of the spirals"),
  }),
  profiles: { quick: { particles: 50_000, atomParticles: 2000 }, full: {} },
  seconds: { quick: 8, full: 40 },
  plots: [
    dotPlot("spirals", "Particles becoming 100 points of two spirals", "log x₁", "log x₂", {
      series: ["particles", "points"],
    }),
    dotPlot("orthant", "Paths of particles on the positive half-line", "time run back, T − t", "x", {
      series: ["log-space", "ambient"],
    }),
    linePlot("order", "Error of the log-normal law against steps", logAxis("steps N"), logAxis("error"), {
      series: ["variance, log-space", "means apart"],
      references: ["variance, recursion"],
    }),
  ],

  async *measure({ parameters: { particles, atomParticles }, seed, signal, stage }) {
    const process = geometricBrownianProcess({ volatility: VOLATILITY, startTime: NOTHING });
    const model = logNormalModel(process, MEAN, VARIANCE);

    const atoms = yield* stage("spirals", async function* (): ExperimentRun<Findings["atoms"]> {
      yield progress(0, "spirals");
      const centers = spirals(ATOMS, seed);
      const fine = geometricBrownianProcess({ volatility: VOLATILITY, startTime: 2e-4 });
      const exact = atomsModel(fine, centers);
      const draws = (label: string) => {
        const stream = randomStream(seed).split(label);
        return selectRows(
          centers,
          Int32Array.from({ length: atomParticles }, () => stream.integer(ATOMS)),
        );
      };
      const law = logarithms(draws("law"));
      const floor = distance(logarithms(draws("other")), law);
      // the exact law at the end of the window: points with the noise of the whole time
      const noise = randomStream(seed).split("start");
      const startOf = draws("start");
      const start = {
        ...startOf,
        values: startOf.values.map((x) => x * Math.exp(VOLATILITY * noise.normal())),
      };
      yield points("spirals", "points", pointsOf(logarithms(centers)));
      const found: Findings["atoms"]["steps"][number][] = [];
      for (const [name, sampler, steps] of [
        ["log-space, 250 steps", "euler-maruyama", 250],
        ["log-space, 100 steps", "euler-maruyama", 100],
        ["probability flow, 24 steps", "probability-flow", 24],
      ] as const) {
        yield progress(0.05 + 0.15 * found.length, name);
        let last = startOf;
        let taken = 0;
        for await (const { denoised, points: now, steps: done } of samplePath(exact, {
          start,
          steps,
          sampler,
          stepsPerIterate: sampler === "probability-flow" ? 4 : steps / 10,
          seed,
          signal,
        })) {
          taken = done;
          last = denoised;
          yield replaceCurve("spirals", "particles", pointsOf(logarithms(now), 400), (one) => one);
        }
        yield replaceCurve("spirals", "particles", pointsOf(logarithms(last), 400), (one) => one);
        const evaluations = sampler === "probability-flow" ? 2 * taken + 1 : taken + 1;
        found.push({ name, evaluations, distance: distance(logarithms(last), law) });
      }
      return { floor, steps: found };
    });

    yield progress(0.5, "paths");
    for (const sampler of ["euler-maruyama", "ambient"] as const) {
      const name = sampler === "ambient" ? "ambient" : "log-space";
      for await (const { time, points: now } of samplePath(model, {
        count: SHOWN,
        steps: 50,
        times: "uniform",
        sampler,
        stepsPerIterate: 1,
        onNonPositive: "keep",
        seed,
        signal,
      }))
        yield curve("orthant", name, now.values, (x) => ({ x: 1 - time, y: x }));
    }

    const runs = yield* stage("log-normal", async function* (): ExperimentRun<readonly NormalRun[]> {
      const found: NormalRun[] = [];
      for (const steps of STEPS) {
        signal.throwIfAborted();
        yield progress(0.55 + 0.1 * found.length, `${steps} steps`);
        const run = { count: particles, steps, times: "uniform", denoise: false, seed } as const;
        const log = await sample(model, run);
        const ambient = await sample(model, { ...run, sampler: "ambient", onNonPositive: "drop" });
        const one = {
          steps,
          ...momentsOf(log.samples.values),
          recursion: recursionOf(steps),
          ambientMean: momentsOf(ambient.samples.values).mean,
          ambientNonPositive: ambient.nonPositive,
          logNonPositive: log.samples.values.filter((x) => !(x > 0)).length,
        };
        found.push(one);
        yield point("order", "variance, log-space", steps, one.variance - VARIANCE);
        yield point("order", "variance, recursion", steps, one.recursion - VARIANCE);
        yield point("order", "means apart", steps, Math.abs(one.ambientMean - one.mean));
      }
      return found;
    });

    yield progress(0.95, "tails of one step");
    const still = logNormalModel(
      geometricBrownianProcess({ volatility: VOLATILITY, startTime: 0.1 }),
      MEAN,
      1e12,
    );
    const tails: Findings["tails"][number][] = [];
    for (const delta of TAIL_DELTAS) {
      const { nonPositive } = await sample(still, {
        start: { shape: [particles, 1], values: new Float64Array(particles).fill(1.4) },
        times: Float64Array.of(1, 1 - delta),
        sampler: "ambient",
        onNonPositive: "keep",
        denoise: false,
        seed,
      });
      tails.push({ delta, count: nonPositive, of: particles });
    }
    yield progress(1, "done");
    return { particles, runs, tails, atoms };
  },

  judge({ particles, runs, tails, atoms }: Findings) {
    const sd = (variance: number) => Math.sqrt(variance / particles);
    const slope = (errors: readonly number[]) =>
      logLogSlope(
        runs.map(({ steps }) => steps),
        errors,
      ).slope;
    const by = (steps: number) => runs.find((run) => run.steps === steps) ?? runs[0];
    return [
      check(
        "C1",
        "largest error of the mean of log x, in standard errors, log-space sampler",
        Math.max(...runs.map((run) => Math.abs(run.mean - MEAN) / sd(run.variance))),
        { atMost: 4 },
        theorem("Euler-Maruyama keeps the mean of a linear equation; the band is four standard errors"),
      ),
      check(
        "C1",
        "order of the variance’s error in the number of steps",
        slope(runs.map(({ variance }) => variance - VARIANCE)),
        { between: [-1.2, -0.8] },
        theorem("Euler-Maruyama has weak order 1; the exponent is read from 10 to 100 steps"),
      ),
      ourCheck(
        "largest difference of the variance to its recursion, in standard errors",
        Math.max(
          ...runs.map(
            ({ variance, recursion }) =>
              Math.abs(variance - recursion) / (recursion * Math.sqrt(2 / particles)),
          ),
        ),
        { atMost: 4 },
        theorem("the recursion is exact for normal particles; the band is four standard errors"),
      ),
      check(
        "C1",
        "order of the difference between the means of both samplers, same noise",
        slope(runs.map(({ mean, ambientMean }) => Math.abs(ambientMean - mean))),
        { between: [-1.4, -0.7] },
        theorem(
          "its steps differ from those in logarithms by the first order of the step; wider, since particles that leave are dropped",
        ),
      ),
      ...atoms.steps.map(({ name, distance: found }) =>
        check(
          "C1",
          `distance to 100 points on spirals over that of two samples: ${name}`,
          found / atoms.floor,
          { atMost: 2 },
          criterion("samples of the law itself are that far apart; twice as far is hard to see"),
        ),
      ),
      check(
        "C4",
        "share of non-positive particles of one ambient step, in standard errors from the normal tail",
        Math.max(...tails.map(({ delta, count, of }) => standardErrors(count, tailOf(delta), of))),
        { atMost: 4 },
        theorem("the factor of a step is normal; the band is four standard errors"),
      ),
      check(
        "C4",
        "non-positive particles of the log-space sampler",
        runs.reduce((sum, run) => sum + run.logNonPositive, 0),
        { equals: 0 },
        theorem("a step multiplies by an exponential"),
      ),
      check(
        "C4",
        "non-positive particles of the ambient sampler in 10 steps",
        by(10).ambientNonPositive,
        { atLeast: 1 },
        theorem(
          "the chance of a step of length .1 is about 1e-4, so tens of thousands of particles have some",
        ),
      ),
      check(
        "C4",
        "non-positive particles of the ambient sampler in 100 steps",
        by(100).ambientNonPositive,
        { equals: 0 },
        theorem("a step of length .01 would need a normal number below -12"),
      ),
    ];
  },

  present({ particles, runs, tails, atoms }: Findings) {
    const [least] = atoms.steps;
    return {
      headline: `With the exact score the log-space sampler misses the variance by ${formatRounded(runs[0].variance - VARIANCE)} in ${runs[0].steps} steps and ${formatRounded(runs[runs.length - 1].variance - VARIANCE)} in ${runs[runs.length - 1].steps}; 250 steps put particles on 100 points at a distance of ${formatRounded(least.distance)}, two samples of the points are ${formatRounded(atoms.floor)} apart.`,
      summary: [
        `${particles.toLocaleString("en-US")} particles of a log-normal law: the mean of log x is ${runs.map(({ mean }) => formatRounded(mean)).join(", ")} for ${STEPS.join(", ")} steps in logarithms (truth ${MEAN}), and ${runs.map(({ ambientMean }) => formatRounded(ambientMean)).join(", ")} for ambient steps.`,
        `One ambient step of length ${TAIL_DELTAS.join(" and ")} makes a share of ${tails.map(({ count, of }) => formatRounded(count / of)).join(" and ")} non-positive; the normal tail gives ${TAIL_DELTAS.map((delta) => formatRounded(tailOf(delta))).join(" and ")}. A step in logarithms multiplies by an exponential and cannot.`,
      ],
      captions: {
        spirals: "The last run shown is the probability flow; Tweedie’s estimate ends it.",
        orthant: `${SHOWN} particles in 50 uniform steps from the same start, with the same noise: steps this small are almost alike, and none leaves the positive numbers.`,
        order:
          "Excess of the variance, with the recursion of its steps as the reference; and the difference between the means of both samplers, whose noise is the same.",
      },
      tables: [
        tableOf(
          "order",
          "A log-normal law",
          {
            steps: "Steps",
            mean: "Mean of log x",
            variance: "Variance",
            recursion: "Variance, recursion",
            ambientMean: "Mean, ambient",
            ambientNonPositive: "Non-positive, ambient",
          },
          runs,
        ),
        tableOf(
          "spirals",
          "Distance to the points of the spirals",
          { name: "Sampler", evaluations: "Evaluations", distance: "Sliced Wasserstein distance" },
          [...atoms.steps, { name: "two samples", distance: atoms.floor }],
        ),
      ],
    };
  },
});

/** The first two coordinates of the first rows, up to a number. */
function pointsOf({ rows, columns, values }: DenseMatrix, most = rows) {
  return Array.from({ length: Math.min(rows, most) }, (_, i) => ({
    x: values[i * columns],
    y: values[i * columns + 1],
  }));
}
