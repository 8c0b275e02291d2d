import { norm2 } from "gradus/linalg";
import {
  type BilevelIterate,
  doubleLoopPenalty,
  powerSchedule,
  regularBilevelProblem,
  singleLoopPenalty,
} from "gradus/optimize/bilevel";
import { logLogSlope, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatFigure, formatRounded, inconclusive, type Judgment } from "../check.ts";
import { curve, defineExperiment, progress, replaceCurve } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { noisyProblem } from "./noise.ts";

const PROBLEMS = 3;
/** The final fraction of a run over which stationarity is averaged. */
const TAIL = 0.2;
const shared = { proxParameter: 1, averaging: 0.5 };

const methods = {
  double: { label: "double loop, T = 10, M = 10", callsPerStep: 60 },
  single: { label: "single loop with momentum", callsPerStep: 12 },
  plain: { label: "single loop without momentum", callsPerStep: 6 },
} as const;
type MethodName = keyof typeof methods;
const methodNames = ["single", "double", "plain"] as const;

function runOf(name: MethodName, problemSeed: number, runSeed: number, signal: AbortSignal) {
  const { problem, start } = regularBilevelProblem({ seed: problemSeed });
  const noisy = noisyProblem(problem, runSeed);
  const common = { ...shared, seed: runSeed, signal };
  if (name === "double")
    return doubleLoopPenalty(noisy, start, {
      ...common,
      sigma: powerSchedule(0.3, 1 / 7),
      innerStepSize: powerSchedule(0.2, 4 / 7),
      stepSize: powerSchedule(0.1, 5 / 7),
      innerSteps: 10,
      batchSize: 10,
    });
  return singleLoopPenalty(noisy, start, {
    ...common,
    sigma: powerSchedule(0.3, 1 / 5),
    innerStepSize: powerSchedule(0.2, 2 / 5),
    stepSize: powerSchedule(0.05, 3 / 5),
    momentum: name === "single" ? (k) => Math.min(1, 0.3 * (1 + k / 10) ** (-4 / 5)) : 1,
    stepsPerIterate: 4,
  });
}

/** Mean of ||grad psi(x)|| over the last fifth of the steps up to each budget. */
async function stationarities(
  name: MethodName,
  problemSeed: number,
  runSeed: number,
  budgets: readonly number[],
  signal: AbortSignal,
): Promise<number[]> {
  const { hypergradient } = regularBilevelProblem({ seed: problemSeed });
  const sums = budgets.map(() => ({ total: 0, count: 0 }));
  const largest = budgets[budgets.length - 1];
  const run: AsyncGenerator<BilevelIterate, void, void> = runOf(name, problemSeed, runSeed, signal);
  for await (const { oracleCalls, x } of run) {
    if (oracleCalls > largest) break;
    const inTail = budgets.map((budget) => oracleCalls > (1 - TAIL) * budget && oracleCalls <= budget);
    if (!inTail.includes(true)) continue;
    const size = norm2(hypergradient(x));
    for (const [i, sum] of sums.entries())
      if (inTail[i]) {
        sum.total += size;
        sum.count += 1;
      }
  }
  return sums.map(({ total, count }) => total / count);
}

type Curve = {
  readonly method: MethodName;
  readonly problem: number;
  /** ||grad psi|| at the start. */
  readonly start: number;
  /** By budget, means over the runs. */
  readonly stationarity: readonly number[];
};

/** From this many calls on exponents are judged. */
const RATE_BUDGET = 1e6;

export default defineExperiment({
  description:
    "Adds standard normal noise to every gradient of three regular problems, and measures the mean hypergradient over the last fifth of runs of the double loop with batches, of the single loop with momentum, and of the single loop without, at equal numbers of gradients.",
  parameters: z.object({
    budget: z.int().min(30_000).max(10_000_000).default(3_000_000).describe("gradient calls of a run"),
    budgets: z
      .int()
      .min(3) // a slope with its error takes three
      .max(8)
      .default(5)
      .describe("budgets at which runs are compared, half a decade apart"),
    runs: z.int().min(2).max(20).default(6).describe("runs of each method on each problem"),
  }),
  profiles: { quick: { budget: 100_000, budgets: 3 }, full: {} },
  seconds: { quick: 12, full: 400 },
  plots: Array.from({ length: PROBLEMS }, (_, p) =>
    linePlot(
      `problem-${p}`,
      `Stationarity at equal gradient calls, problem ${p + 1}`,
      logAxis("gradient calls"),
      logAxis("mean ‖∇ψ(x)‖ over the last fifth"),
      { series: methodNames.map((name) => methods[name].label), references: ["slope −1/5", "slope −1/7"] },
    ),
  ),

  async *measure({ parameters: { budget, budgets: count, runs }, seed, signal, stage }) {
    const budgets = Array.from({ length: count }, (_, k) => Math.round(budget / 10 ** ((count - 1 - k) / 2)));
    const curves: Curve[] = [];
    const total = PROBLEMS * methodNames.length * runs;
    for (const [p, problemSeed] of repeatSeeds(seed, PROBLEMS, 0).entries()) {
      const plot = `problem-${p}`;
      const { hypergradient, start } = regularBilevelProblem({ seed: problemSeed });
      for (const [m, method] of methodNames.entries()) {
        const stationarity = yield* stage(`${plot} ${method}`, async function* () {
          const all: number[][] = [];
          for (let r = 0; r < runs; r++) {
            all.push(
              yield* stage(`${plot} ${method} ${r}`, async function* () {
                yield progress(
                  ((p * methodNames.length + m) * runs + r) / total,
                  `${methods[method].label}, run ${r + 1}`,
                );
                return stationarities(method, problemSeed, 1000 * problemSeed + r, budgets, signal);
              }),
            );
            yield replaceCurve(plot, methods[method].label, budgets, (x, i) => ({
              x,
              y: sampleMean(all.map((one) => one[i])),
            }));
          }
          return budgets.map((_, i) => sampleMean(all.map((one) => one[i])));
        });
        curves.push({ method, problem: p, start: norm2(hypergradient(start.x0)), stationarity });
      }
      const [{ stationarity: first }] = curves.filter(({ problem }) => problem === p);
      for (const [name, power] of [
        ["slope −1/5", -1 / 5],
        ["slope −1/7", -1 / 7],
      ] as const)
        yield curve(plot, name, budgets, (x) => ({ x, y: first[0] * (x / budgets[0]) ** power }));
    }
    return { budgets, runs, curves };
  },

  judge({ budgets, curves }): Judgment[] {
    const of = (method: MethodName) => curves.filter((curve) => curve.method === method);
    const end = ({ stationarity }: Curve) => stationarity[stationarity.length - 1];
    const largest = budgets[budgets.length - 1];
    const ratios = of("plain").map((curve, p) => end(curve) / end(of("single")[p]));
    const ratio = Math.exp(sampleMean(ratios.map(Math.log)));
    const slope = (method: MethodName) =>
      sampleMean(of(method).map(({ stationarity }) => logLogSlope(budgets, stationarity).slope));
    const improved = [...of("single"), ...of("double")].map((curve) => end(curve) / curve.start);
    return [
      check(
        "C5",
        "stationarity without momentum over that with momentum, geometric mean",
        ratio,
        { atLeast: 1.3 },
        criterion(
          "momentum matters if leaving it out costs a third, more than the spread of means over six runs",
        ),
      ),
      check(
        "C5",
        "largest final ‖∇ψ‖ as a share of the initial one, both loops",
        Math.max(...improved),
        { below: 1 },
        criterion("a method that converges at all improves on its start"),
      ),
      ...(largest < RATE_BUDGET
        ? [
            inconclusive(
              "C5",
              `Rates need a million gradient calls or more; the quick size ends at ${formatFigure(largest)}.`,
            ),
          ]
        : [
            check(
              "C5",
              "double loop: exponent of the calls in the stationarity",
              slope("double"),
              { atMost: -0.12 },
              theorem("abstract: O(ε⁻⁷), an exponent of −1/7; a sixth allows for the noise of the fit"),
            ),
            check(
              "C5",
              "single loop with momentum: exponent of the calls in the stationarity",
              slope("single"),
              { atMost: -0.17 },
              theorem("abstract: O(ε⁻⁵), an exponent of −1/5; a sixth allows for the noise of the fit"),
            ),
          ]),
    ];
  },

  present({ budgets, runs, curves }) {
    const largest = budgets[budgets.length - 1];
    const end = (method: MethodName) =>
      curves
        .filter((curve) => curve.method === method)
        .map(({ stationarity }) => formatRounded(stationarity[stationarity.length - 1]));
    const slopes = (method: MethodName) =>
      formatRounded(
        sampleMean(
          curves
            .filter((curve) => curve.method === method)
            .map(({ stationarity }) => logLogSlope(budgets, stationarity).slope),
        ),
      );
    const last = (method: MethodName) =>
      curves.filter((curve) => curve.method === method).map(({ stationarity }) => stationarity.at(-1) ?? 0);
    const single = last("single");
    const ahead = last("double").filter((value, p) => value < single[p]).length;
    return {
      headline: `At ${formatRounded(largest)} gradient calls the single loop reaches ‖∇ψ‖ = ${end("single").join(", ")} on the three problems with momentum and ${end("plain").join(", ")} without; the double loop with batches reaches ${end("double").join(", ")}.`,
      captions: Object.fromEntries(
        Array.from({ length: PROBLEMS }, (_, p) => [
          `problem-${p}`,
          `At the largest budget: ${methodNames.map((name) => `${end(name)[p]} (${methods[name].label})`).join("; ")}.`,
        ]),
      ),
      summary: [
        `Mean exponents of the calls: ${methodNames.map((name) => `${slopes(name)} (${methods[name].label})`).join(", ")}; the theory has −1/7 for the double and −1/5 for the single loop.`,
        `At ${formatRounded(largest)} calls the double loop does better than the single loop with momentum on ${ahead} of the ${PROBLEMS} problems; exponents alone do not tell where the lines cross.`,
        `A step takes ${methodNames.map((name) => `${methods[name].callsPerStep} gradients (${methods[name].label})`).join(", ")}. Means over ${runs} runs.`,
      ],
      tables: [
        tableOf(
          "stationarity",
          "Mean ‖∇ψ‖ over the last fifth of the steps",
          {
            problem: "problem",
            method: "method",
            start: "at the start",
            ...Object.fromEntries(budgets.map((calls, i) => [`b${i}`, `${formatRounded(calls)} calls`])),
          },
          curves.map(({ problem, method, start, stationarity }) => ({
            problem: problem + 1,
            method: methods[method].label,
            start,
            ...Object.fromEntries(stationarity.map((value, i) => [`b${i}`, value])),
          })),
        ),
      ],
    };
  },
});
