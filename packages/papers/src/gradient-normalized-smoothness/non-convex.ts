import { chebyshevResidual, residualPower, rosenbrockResidual } from "gradus/objectives";
import { cubicNewton, superUniversalNewton } from "gradus/optimize";
import { randomStream } from "gradus/random";
import { median } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, type PlotSpecification, progress } from "../experiment.ts";
import { criterion, reported } from "../ground.ts";
import { tableOf } from "../shared/tables.ts";
import { type Contender, EXACT, GRADIENT, gradient, newton, startOf } from "./contenders.ts";
import {
  costCheck,
  type Descent,
  faster,
  follow,
  gapPlots,
  iterationsText,
  iterationsTo,
  methodsTable,
  type Run,
  runIn,
  runOf,
  valuesPerStep,
} from "./descent.ts";

const GAUSS_NEWTON = "Gauss-Newton";

const contenders: Readonly<Record<string, Contender>> = {
  [GAUSS_NEWTON]: newton("gaussNewton"),
  [EXACT]: newton("exact"),
  [GRADIENT]: gradient,
  "super-universal Newton": ({ objective, x0 }, options) => superUniversalNewton(objective, x0, options),
  "cubic Newton": ({ objective, x0 }, options) => cubicNewton(objective, x0, options),
};
const series = Object.keys(contenders);
const judged = [GAUSS_NEWTON, EXACT, GRADIENT];

const rosenbrockPowers = [2, 3, 4, 5] as const;
const ROSENBROCK_GAP = 1e-12;
const ROSENBROCK_ITERATIONS = 5000;
const rosenbrockWith = (p: number) => `Rosenbrock, p = ${p}`;
const chebyshevPowers = [3, 4] as const;
const SEEDS = 8;
/** A gradient norm at which a run ends: the valley is flat to rounding there. */
const STATIONARY = 1e-12;

const chebyshevPlot = (p: number): PlotSpecification => ({
  ...gapPlots(judged, `Chebyshev equations, p = ${p}`)[0],
  id: `chebyshev-${p}`,
});

/** A method on the Chebyshev equations, over all starts. */
interface Starts {
  readonly p: number;
  readonly method: string;
  /** Iterations to the target, one entry per start; null if it was not met. */
  readonly iterations: readonly (number | null)[];
  /** Starts that ended at the target or at a stationary point. */
  readonly converged: number;
  /** The largest number of values of f per step. */
  readonly perStep: number;
  readonly solves: number;
  readonly evaluations: number;
  readonly gradients: number;
  readonly seconds: number;
}

interface Findings {
  readonly dimension: number;
  /** Iterations allowed on the Chebyshev equations. */
  readonly most: number;
  readonly rosenbrock: readonly Run[];
  readonly chebyshev: readonly Starts[];
}

const converged = ({ reached, gradientNorm }: Pick<Run, "reached" | "gradientNorm">) =>
  reached || gradientNorm <= STATIONARY;

function startsOf(p: number, method: string, runs: readonly Descent[]): Starts {
  const sum = (of: (run: Descent) => number) => runs.reduce((total, run) => total + of(run), 0);
  return {
    p,
    method,
    iterations: runs.map(({ reached, iterations }) => (reached ? iterations : null)),
    converged: runs.filter(converged).length,
    perStep: Math.max(...runs.map(valuesPerStep)),
    solves: sum(({ solves }) => solves),
    evaluations: sum(({ evaluations }) => evaluations),
    gradients: sum(({ gradients }) => gradients),
    seconds: sum(({ seconds }) => seconds),
  };
}

/** Figures used in both judgments and sentences. */
function figuresOf({ most, rosenbrock, chebyshev }: Findings) {
  const run = (p: number, method: string) => runIn(rosenbrock, rosenbrockWith(p), method);
  const medianOf = (p: number, method: string): number => {
    const found = chebyshev.find((one) => one.p === p && one.method === method);
    return median(found?.iterations.map((k) => k ?? most) ?? []);
  };
  const second = ({ method }: { readonly method: string }) => method === GAUSS_NEWTON || method === EXACT;
  return {
    run,
    medianOf,
    converged:
      rosenbrock.filter((one) => second(one) && converged(one)).length +
      chebyshev.filter(second).reduce((sum, one) => sum + one.converged, 0),
    /** Of the gradient method over Gauss-Newton's; it may end before its target. */
    speedup: (p: number) => run(p, GRADIENT).iterations / iterationsTo(run(p, GAUSS_NEWTON)),
    overExact: (p: number) => iterationsTo(run(p, GAUSS_NEWTON)) / run(p, EXACT).iterations,
    perStep: [
      ...rosenbrock.filter(second).map(valuesPerStep),
      ...chebyshev.filter(second).map((one) => one.perStep),
    ],
  };
}

const asGood = criterion("“as good as the exact Hessian” is at most a fifth more iterations");
/** Runs with the exact Hessian and with its Gauss-Newton part. */
const RUNS = 2 * (rosenbrockPowers.length + chebyshevPowers.length * SEEDS);

export default defineExperiment({
  description:
    "Solves Rosenbrock’s and the Chebyshev equations u(x) = 0 by minimizing ‖u(x)‖ᵖ/p with the exact Hessian, with its Gauss-Newton part, and by gradients.",
  parameters: z.object({
    dimension: z.int().min(10).max(2000).default(1000).describe("Chebyshev equations"),
    iterations: z
      .int()
      .min(50)
      .max(20_000)
      .default(1000)
      .describe("iterations allowed on Chebyshev equations"),
  }),
  profiles: { quick: { dimension: 100 }, full: {} },
  seconds: { quick: 8, full: 160 },
  plots: [...gapPlots(series, "Rosenbrock, p = 4"), chebyshevPlot(3), chebyshevPlot(4)],

  async *measure({ parameters: { dimension, iterations: most }, seed, signal, stage, resumable }) {
    const rosenbrock: Run[] = [];
    const chebyshev: Starts[] = [];
    for (const [k, p] of rosenbrockPowers.entries()) {
      const objective = residualPower(rosenbrockResidual, { power: p });
      for (const method of series) {
        yield progress((0.2 * k) / rosenbrockPowers.length, `Rosenbrock, p = ${p}, ${method}`);
        const descent = yield* stage(`rosenbrock ${p}, ${method}`, () =>
          follow(resumable, startOf(contenders[method], { objective, x0: Float64Array.of(-2, 2) }, signal), {
            gap: ROSENBROCK_GAP,
            maxIterations: ROSENBROCK_ITERATIONS,
            series: method,
            plots: p === 4 ? { gap: "gap", time: "time" } : {},
          }),
        );
        rosenbrock.push(runOf(rosenbrockWith(p), method, descent));
      }
    }
    const stream = randomStream(seed).split("chebyshev");
    for (const p of chebyshevPowers) {
      const objective = residualPower(chebyshevResidual(dimension), { power: p });
      for (const method of judged) {
        const own: Descent[] = [];
        for (let k = 0; k < SEEDS; k++) {
          const x0 = stream.split(k).fillUniform(new Float64Array(dimension));
          yield progress(
            0.2 + 0.35 * (p - 3) + (0.1 * k) / SEEDS,
            `Chebyshev, p = ${p}, ${method}, start ${k + 1}`,
          );
          const descent = yield* stage(`chebyshev ${p}, ${method}, ${k}`, () =>
            follow(resumable, startOf(contenders[method], { objective, x0 }, signal), {
              gap: 1e-8 * objective.value(x0),
              gradientNorm: STATIONARY,
              maxIterations: most,
              series: method,
              plots: k === 0 ? { gap: `chebyshev-${p}` } : {},
            }),
          );
          own.push(descent);
        }
        chebyshev.push(startsOf(p, method, own));
      }
    }
    return { dimension, most, rosenbrock, chebyshev };
  },

  judge(findings) {
    const { run, medianOf, converged, speedup, overExact, perStep } = figuresOf(findings);
    return [
      check(
        "C1",
        `runs of the method that end at the target or at a gradient norm of 1e-12, of ${RUNS}`,
        converged,
        { equals: RUNS },
        criterion(
          "“converges globally” on a non-convex function means that every run ends at a stationary point",
        ),
      ),
      check(
        "C1",
        "iterations with the exact Hessian to 1e-12, Rosenbrock, p = 2",
        iterationsTo(run(2, EXACT)),
        { atMost: 60 },
        reported("authors’ notebook, plot “Rosenbrock”: below 1e-21 within 60 iterations"),
      ),
      check(
        "C4",
        "iterations with Gauss-Newton to 1e-12, Rosenbrock, p = 5",
        iterationsTo(run(5, GAUSS_NEWTON)),
        { atMost: 100 },
        reported(
          "authors’ notebook, plot “Nonlinear Equations & Rosenbrock, p = 5”: 1e-31 within 100 iterations",
        ),
      ),
      check(
        "C4",
        "iterations of the gradient method over those with Gauss-Newton, Rosenbrock, smallest over p = 2 to 5",
        Math.min(...rosenbrockPowers.map(speedup)),
        { atLeast: 1.5 },
        faster,
      ),
      check(
        "C4",
        "iterations with Gauss-Newton over those with the exact Hessian, Rosenbrock, largest over p = 2 to 5",
        Math.max(...rosenbrockPowers.map(overExact)),
        { atMost: 1.2 },
        asGood,
      ),
      ...chebyshevPowers.flatMap((p) => [
        check(
          "C4",
          `iterations of the gradient method over those with Gauss-Newton, medians, Chebyshev, p = ${p}`,
          medianOf(p, GRADIENT) / medianOf(p, GAUSS_NEWTON),
          { atLeast: 1.5 },
          faster,
        ),
        check(
          "C4",
          `iterations with Gauss-Newton over those with the exact Hessian, medians, Chebyshev, p = ${p}`,
          medianOf(p, GAUSS_NEWTON) / medianOf(p, EXACT),
          { atMost: 1.2 },
          asGood,
        ),
      ]),
      costCheck("non-convex equations", perStep),
    ];
  },

  present(findings) {
    const { dimension, most, rosenbrock, chebyshev } = findings;
    const { run, medianOf, speedup } = figuresOf(findings);
    const counts = (p: number) =>
      judged.map((method) => `${iterationsText(run(p, method))} (${method})`).join(", ");
    const medians = (p: number) => judged.map((method) => `${medianOf(p, method)} (${method})`).join(", ");
    const times = (ratio: number) => formatRounded(Number(ratio.toPrecision(2)));
    const least = times(Math.min(...rosenbrockPowers.map(speedup)));
    const onChebyshev = chebyshevPowers.map((p) => times(medianOf(p, GRADIENT) / medianOf(p, GAUSS_NEWTON)));
    return {
      headline: `The gradient method takes at least ${least} times as many iterations as Gauss-Newton on Rosenbrock’s equations, and ${onChebyshev.join(" and ")} times as many on ${dimension} Chebyshev equations (p = ${chebyshevPowers.join(" and ")}).`,
      captions: {
        gap: `Iterations to 1e-12: ${counts(4)}. Where the exact Hessian is indefinite its factorization fails, and γ is halved.`,
        time: "In two dimensions a step of any method costs microseconds, so time follows the iterations.",
        ...Object.fromEntries(
          chebyshevPowers.map((p) => [
            `chebyshev-${p}`,
            `The first start is drawn. Median iterations of ${SEEDS} starts to a gap of 1e-8 f(x_0): ${medians(p)}.`,
          ]),
        ),
      },
      summary: [
        `Rosenbrock, iterations to 1e-12: ${rosenbrockPowers.map((p) => `p = ${p}: ${counts(p)}`).join("; ")}.`,
        `Chebyshev equations, d = ${dimension}, median iterations of ${SEEDS} starts to a gap of 1e-8 f(x_0): ${chebyshevPowers.map((p) => `p = ${p}: ${medians(p)}`).join("; ")}. A start that misses the target counts as the ${formatRounded(most)} iterations allowed.`,
      ],
      tables: [
        methodsTable(rosenbrock),
        tableOf(
          "chebyshev",
          `Chebyshev equations, ${SEEDS} starts`,
          {
            p: "p",
            method: "method",
            median: "median iterations",
            reached: "starts at the target",
            converged: "or at a stationary point",
            solves: "linear systems",
            evaluations: "values of f",
            gradients: "gradients",
            seconds: "seconds",
          },
          chebyshev.map(({ iterations, ...one }) => ({
            ...one,
            median: medianOf(one.p, one.method),
            reached: iterations.filter((k) => k !== null).length,
          })),
        ),
      ],
    };
  },
});
