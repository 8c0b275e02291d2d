import { cubicNewton, fastGradientMethod, gnsNewton, superUniversalNewton } from "gradus/optimize";
import { randomStream } from "gradus/random";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, point, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import {
  type Contender,
  EXACT,
  GRADIENT,
  gradient,
  METRIC_GRADIENT,
  metricGradient,
  newton,
  startOf,
} from "./contenders.ts";
import {
  costCheck,
  type Descent,
  faster,
  firstBelow,
  follow,
  gammaPlot,
  gapPlots,
  iterationsText,
  iterationsTo,
  linear,
  methodsTable,
  type Run,
  runIn,
  runOf,
  type Start,
  spanRatio,
  valuesPerStep,
} from "./descent.ts";
import { logSumExpProblem } from "./problems.ts";

const WEIGHTED = "weighted Gauss-Newton";
const CUBIC = "cubic Newton";

const contenders: Readonly<Record<string, Contender>> = {
  [EXACT]: newton("exact"),
  [WEIGHTED]: newton("weightedGaussNewton"),
  [METRIC_GRADIENT]: metricGradient,
  [GRADIENT]: gradient,
  "fast gradient, metric AᵀA": ({ objective, x0, metric }, options) =>
    fastGradientMethod(objective, x0, { metric, ...options }),
  "super-universal Newton": ({ objective, x0, metric }, options) =>
    superUniversalNewton(objective, x0, { metric, ...options }),
  [CUBIC]: ({ objective, x0, metric }, options) => cubicNewton(objective, x0, { metric, ...options }),
};
const series = Object.keys(contenders);
/** With the second smoothing, only the methods with conditions run. */
const judged = [EXACT, WEIGHTED, METRIC_GRADIENT];

const GAP = 1e-8;
const MAX_ITERATIONS = 1000;
/** Cubic Newton solves about twenty systems per trial: above this size it is left out. */
const CUBIC_SIZE = 400;
const smoothings = [1, 0.25] as const;
const floorSmoothings = [1, 0.25, 0.1] as const;
const FLOOR_START = 1e4;
const problemOf = (n: number, mu: number) => `n = ${n}, μ = ${mu}`;
const floorProblemOf = (n: number, mu: number) => `${problemOf(n, mu)}, γ_0 = 1e4`;

/** The figures kept from runs of the method, in addition to the table: on one problem with one matrix. */
interface Path {
  readonly mu: number;
  readonly method: string;
  /** Iterations from a gap of 1e-4 to 1e-8 over those from 1 to 1e-4. */
  readonly span: number;
}

/** A run from gamma_0 = 1e4. */
interface Floor {
  readonly mu: number;
  readonly method: string;
  readonly iterations: number;
  /** The smallest accepted gamma over mu. */
  readonly lowest: number;
}

interface Findings {
  readonly n: number;
  readonly runs: readonly Run[];
  readonly paths: readonly Path[];
  readonly floors: readonly Floor[];
}

const conditioned = [
  {
    method: EXACT,
    hessian: "exact",
    floor: 0.314,
    where: "γ_k ≥ γ(x)/2 and γ(x) ≥ 1.256 μ/2, proved in the remarks",
  },
  {
    method: WEIGHTED,
    hessian: "weightedGaussNewton",
    floor: 0.1928,
    where: "γ_k ≥ γ(x)/2 and 1/γ(x) ≤ 2/(1.256 μ) + 1/μ, proved in the remarks",
  },
] as const;

const spanOf = ({ gaps }: Descent) => {
  const [start, middle, end] = [1, 1e-4, GAP].map((gap) => firstBelow(gaps, gap));
  return spanRatio(start, middle, end);
};

/** Figures used in both judgments and sentences. */
function figuresOf({ n, runs, paths, floors }: Findings) {
  const run = (mu: number, method: string) => runIn(runs, problemOf(n, mu), method);
  const floorsOf = (method: string) => floors.filter((floor) => floor.method === method);
  const counts = (method: string) => floorsOf(method).map(({ iterations }) => iterations);
  const own = runs.filter(({ method }) => method === EXACT || method === WEIGHTED);
  return {
    run,
    own,
    arrived: own.filter(({ reached }) => reached).length,
    /** Of the gradient method in the metric over the weighted Gauss-Newton matrix. */
    speedup: (mu: number) => run(mu, METRIC_GRADIENT).iterations / iterationsTo(run(mu, WEIGHTED)),
    span: (method: string) =>
      Math.max(...paths.filter((path) => path.method === method).map(({ span }) => span)),
    counts,
    lowest: (method: string) => Math.min(...floorsOf(method).map(({ lowest }) => lowest)),
    power: (method: string) => {
      const inverses = floorsOf(method).map(({ mu }) => 1 / mu);
      return logLogSlope(inverses, counts(method)).slope;
    },
  };
}

export default defineExperiment({
  description:
    "Minimizes a random log-sum-exp from x = (1, …, 1) to a gap of 1e-8 with the exact Hessian, with the weighted Gauss-Newton matrix, and with gradient methods; then lets γ fall from 1e4 to see how low it goes.",
  parameters: z.object({
    n: z.int().min(20).max(2000).default(1000).describe("rows and columns of A"),
    floorSize: z
      .int()
      .min(20)
      .max(1000)
      .default(200)
      .describe("rows and columns where γ’s floor is measured"),
  }),
  profiles: { quick: { n: 200, floorSize: 80 }, full: {} },
  seconds: { quick: 8, full: 1500 },
  plots: [
    ...gapPlots(series, "Log-sum-exp, μ = 1"),
    gammaPlot([EXACT, WEIGHTED, "super-universal Newton"], "Log-sum-exp, μ = 1"),
    linePlot(
      "smoothing",
      "Iterations against the smoothing, γ_0 = 1e4",
      logAxis("1/μ"),
      logAxis("iterations to f − f* ≤ 1e-8"),
      { series: [EXACT, WEIGHTED] },
    ),
  ],

  async *measure({ parameters: { n, floorSize }, seed, signal, stage, resumable }) {
    const runs: Run[] = [];
    const paths: Path[] = [];
    const floors: Floor[] = [];
    const stream = randomStream(seed).split("log-sum-exp");
    for (const [k, mu] of smoothings.entries()) {
      const problem = logSumExpProblem(n, mu, stream.split(mu));
      for (const method of k === 0 ? series : judged) {
        if (method === CUBIC && n > CUBIC_SIZE) continue;
        yield progress(0.1 + 0.35 * k, `μ = ${mu}, ${method}`);
        const drawn = {
          gap: "gap",
          time: "time",
          ...(/exact|weighted|super/.test(method) && { gamma: "gamma" }),
        };
        const descent = yield* stage(`${mu}, ${method}`, () =>
          follow(resumable, startOf(contenders[method], problem, signal), {
            optimum: problem.optimum,
            gap: GAP,
            maxIterations: MAX_ITERATIONS,
            series: method,
            plots: k === 0 ? drawn : {},
          }),
        );
        runs.push(runOf(problemOf(n, mu), method, descent));
        if (method === EXACT || method === WEIGHTED) paths.push({ mu, method, span: spanOf(descent) });
      }
    }
    for (const mu of floorSmoothings) {
      const { objective, x0, metric, optimum } = logSumExpProblem(floorSize, mu, stream.split(`floor ${mu}`));
      for (const { method, hessian } of conditioned) {
        yield progress(0.9, `floor of γ, μ = ${mu}, ${method}`);
        const descent = yield* stage(`floor ${mu}, ${method}`, async function* () {
          const start: Start = (resume) =>
            gnsNewton(objective, x0, { metric, signal, resume, gamma: FLOOR_START, hessian });
          const limits = { optimum, gap: GAP, maxIterations: MAX_ITERATIONS };
          const path = yield* follow(resumable, start, limits);
          yield point("smoothing", method, 1 / mu, path.iterations);
          return path;
        });
        runs.push(runOf(floorProblemOf(floorSize, mu), method, descent));
        const lowest = Math.min(...descent.gammas) / mu;
        floors.push({ mu, method, iterations: descent.iterations, lowest });
      }
    }
    return { n, runs, paths, floors };
  },

  judge(findings) {
    const { own, arrived, speedup, span, lowest, power } = figuresOf(findings);
    return [
      check(
        "C1",
        "runs of the method with f − f* ≤ 1e-8 within 1,000 iterations, of 10",
        arrived,
        { equals: own.length },
        criterion("“converges globally” means that every run reaches the gap"),
      ),
      ...conditioned.map(({ method }) =>
        check(
          "C2",
          `power of 1/μ with which iterations grow, ${method}`,
          power(method),
          { atMost: 1.2 },
          criterion(
            "quasi-self-concordant functions with M = 2/μ allow iterations in proportion to M, a power of at most 1.2",
          ),
        ),
      ),
      ...conditioned.map(({ method }) =>
        check(
          "C3",
          `iterations from f − f* = 1e-4 to 1e-8 over those from 1 to 1e-4, ${method}`,
          span(method),
          linear.condition,
          linear.ground,
        ),
      ),
      ...smoothings.map((mu) =>
        check(
          "C3",
          `iterations of the gradient method in the metric over those of weighted Gauss-Newton, μ = ${mu}`,
          speedup(mu),
          { atLeast: 1.5 },
          faster,
        ),
      ),
      ...conditioned.map(({ method, floor, where }) =>
        check(
          "C3",
          `smallest γ_k/μ from γ_0 = 1e4, ${method}`,
          lowest(method),
          { atLeast: floor },
          theorem(where),
        ),
      ),
      costCheck("log-sum-exp", own.map(valuesPerStep)),
    ];
  },

  present(findings) {
    const { run, lowest, counts } = figuresOf(findings);
    const text = (mu: number, method: string) => iterationsText(run(mu, method));
    const euclidean = run(1, GRADIENT);
    return {
      headline: `Log-sum-exp in ${findings.n} dimensions to a gap of 1e-8: ${text(1, EXACT)} iterations with the exact Hessian, ${text(1, WEIGHTED)} with the weighted Gauss-Newton matrix, ${text(1, METRIC_GRADIENT)} by the gradient method in the same metric.`,
      captions: {
        gap: `The method takes ${text(1, EXACT)} iterations with the exact Hessian and ${text(1, WEIGHTED)} with the weighted Gauss-Newton matrix; the Euclidean gradient method is at ${formatRounded(euclidean.gap)} after ${formatRounded(euclidean.iterations)}.`,
        time: `The exact Hessian takes ${formatRounded(run(1, EXACT).seconds)} s, the gradient method in the metric ${formatRounded(run(1, METRIC_GRADIENT).seconds)} s: its steps reuse one factorization of AᵀA.`,
        gamma:
          "A plateau of γ that does not depend on the gradient is the mark of a quasi-self-concordant function.",
        smoothing: `Iterations for μ = 1, 0.25, 0.1: ${counts(EXACT).join(", ")} with the exact Hessian, ${counts(WEIGHTED).join(", ")} with weighted Gauss-Newton.`,
      },
      summary: [
        `The weighted Gauss-Newton matrix leaves −g gᵀ/μ out of the Hessian, an error that vanishes with the gradient. With μ = 0.25 it takes ${text(0.25, WEIGHTED)} iterations and the exact Hessian ${text(0.25, EXACT)}; the gradient method in the metric takes ${text(0.25, METRIC_GRADIENT)}.`,
        `Started at γ_0 = 1e4, γ never falls below ${formatRounded(lowest(EXACT))} μ with the exact Hessian and ${formatRounded(lowest(WEIGHTED))} μ with weighted Gauss-Newton; theory guarantees 0.314 μ and 0.193 μ.`,
      ],
      tables: [methodsTable(findings.runs)],
    };
  },
});
