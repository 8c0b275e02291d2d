import { minimize } from "gradus/optimize";
import {
  convexNetworkIterates,
  enumeratePatterns,
  fitConvexReluNetwork,
  type NetworkProblem,
  networkDescent,
  networkObjective,
} from "gradus/optimize/convex-networks";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import {
  defineExperiment,
  type ExperimentRun,
  type Point,
  points,
  progress,
  replacePoints,
} from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { lineFit } from "../shared/line-fit.ts";
import { thinned } from "../shared/paths.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { planarRows } from "./problems.ts";

const BETA = 0.1;
const PENALTIES = [0.05, 0.2];
const RESIDUAL = 1e-9;
/** Residual from which on a line is fitted to its logarithm. */
const FIT_FROM = 1e-4;
const MOST = 10_000;
const WIDTH = 20;
const REFERENCE_GAP = 1e-7;
const ROUNDS = 300;
const SPURIOUS = 1e-3;
/** Steps of the subgradient method after L-BFGS, which stops early where a unit's kink lies on a row. */
const SUBGRADIENT_STEPS = 5000;
const SUBGRADIENT_STEP = 0.02;
/** How many of the problems with 8 rows descent is tried on. */
const CONTROLS = 4;
/** Runs whose residuals are drawn: curves beyond that cannot be told apart. */
const DRAWN = 4;

/** One convex program by ADMM with one penalty. */
interface Solved {
  readonly rho: number;
  readonly iterations: number;
  readonly residual: number;
  /** R² of a line through log10 of the residual from 1e-4 to 1e-9; null where it never got there. */
  readonly straightness: number | null;
  readonly objective: number;
  readonly networkObjective: number;
  readonly activeBlocks: number;
}

interface Problem {
  readonly rows: number;
  readonly patterns: number;
  readonly solved: readonly Solved[];
  /** Objective of the refined network, and the proved bound on its distance above the optimum. */
  readonly optimum: number;
  readonly provedGap: number;
  /** Final objectives of descent from random starts. */
  readonly descents: readonly number[];
}

function straightnessOf(path: readonly Point[]): number | null {
  const part = path.filter(({ y }) => y <= FIT_FROM && y >= RESIDUAL);
  if (part.length < 3) return null;
  return lineFit(
    part.map(({ x }) => Number(x)),
    part.map(({ y }) => Math.log10(y)),
  ).rSquared;
}

/** The lowest objective of any descent. */
async function descentFrom(problem: NetworkProblem, seed: number, signal: AbortSignal): Promise<number> {
  const { objective, start } = networkDescent(problem, { width: WIDTH });
  const smooth = await minimize(objective, start(seed), {
    maxIterations: 1000,
    gradientTolerance: 1e-9,
    signal,
  });
  const { x } = smooth;
  let lowest = smooth.value;
  for (let step = 0; step < SUBGRADIENT_STEPS; step++) {
    const { value, gradient } = objective.valueAndGradient(x);
    lowest = Math.min(lowest, value);
    const length = SUBGRADIENT_STEP / Math.sqrt(1 + step);
    for (let i = 0; i < x.length; i++) x[i] -= length * gradient[i];
  }
  return lowest;
}

/** The run with the smallest final residual, or the shorter run where both reached the limit. */
const best = ({ solved }: Problem): Solved =>
  solved.reduce((a, b) =>
    Math.max(a.residual, RESIDUAL) === Math.max(b.residual, RESIDUAL)
      ? a.iterations <= b.iterations
        ? a
        : b
      : a.residual < b.residual
        ? a
        : b,
  );

function figuresOf(problems: readonly Problem[]) {
  const share = (fits: (problem: Problem) => boolean) => problems.filter(fits).length / problems.length;
  const excesses = problems.flatMap(({ descents, optimum }) => descents.map((value) => value / optimum - 1));
  const solved = problems.filter((problem) => best(problem).residual <= RESIDUAL);
  const largest = (figures: readonly number[]) => (figures.length === 0 ? Number.NaN : Math.max(...figures));
  return {
    reached: solved.length / problems.length,
    straight: share((problem) => problem.solved.some(({ straightness }) => (straightness ?? 0) >= 0.9)),
    recovery: largest(
      solved.map((problem) => Math.abs(best(problem).networkObjective / best(problem).objective - 1)),
    ),
    distance: largest(
      solved.map((problem) => Math.abs(best(problem).networkObjective / problem.optimum - 1)),
    ),
    gap: largest(problems.map(({ provedGap }) => provedGap)),
    lowest: Math.min(...excesses),
    highest: Math.max(...excesses),
    spurious: excesses.filter((excess) => excess > SPURIOUS).length / excesses.length,
  };
}

export default defineExperiment({
  description:
    "Small problems with two inputs, where every activation pattern can be enumerated. ADMM solves the convex program, and a dual bound over all directions proves how close a network is to the global optimum; descent from random starts is the comparison.",
  parameters: z.object({
    problems: z
      .int()
      .min(2)
      .max(32)
      .default(16)
      .describe("problems, half of them with 6 rows and half with 8"),
    descents: z
      .int()
      .min(5)
      .max(100)
      .default(30)
      .describe("descents on each of four problems, width 20: L-BFGS, then 5,000 subgradient steps"),
  }),
  profiles: { quick: { descents: 10 }, full: {} },
  seconds: { quick: 10, full: 25 },
  plots: [
    linePlot(
      "residual",
      "ADMM on the exact convex program",
      "Iteration",
      logAxis("Residual of the copies and their changes"),
    ),
    dotPlot(
      "descents",
      "Descent against the convex optimum",
      "Problem",
      logAxis("Objective above the optimum, relative"),
      {
        series: ["descent", "refined network (proved gap)"],
      },
    ),
  ],

  async *measure({ parameters: { problems: count, descents }, seed, signal, stage }) {
    const seeds = repeatSeeds(seed, count, 0);
    const problems: Problem[] = [];

    async function* solved(
      problem: NetworkProblem,
      rho: number,
      series: string | undefined,
    ): ExperimentRun<Solved> {
      const patterns = enumeratePatterns(problem.x);
      const path: Point[] = [];
      const method = convexNetworkIterates({ ...problem, patterns, rho, tolerance: 1e-15, signal });
      for await (const iterate of method) {
        const { iteration } = iterate;
        // in a slow run the copies agree long before convergence, so their changes count too
        const residual = iterate.primalResidual + iterate.dualResidual;
        if (iteration > 0) path.push({ x: iteration, y: Math.max(residual, 1e-16) });
        if (series && iteration % 500 === 0 && iteration > 0)
          yield replacePoints("residual", series, thinned(path));
        if (residual > RESIDUAL && iteration < MOST) continue;
        if (series) yield replacePoints("residual", series, thinned(path));
        const { network, objective, activeBlocks } = iterate;
        return {
          rho,
          iterations: iteration,
          residual,
          straightness: straightnessOf(path),
          objective,
          networkObjective: networkObjective(problem, network),
          activeBlocks,
        };
      }
      throw new Error("the method ended before its limits");
    }

    for (const [index, own] of seeds.entries()) {
      const rows = index % 2 === 0 ? 6 : 8;
      problems.push(
        yield* stage(`${index}`, async function* () {
          const message = `problem ${index + 1} of ${count}: ${rows} rows`;
          const problem = { ...planarRows(rows, own), beta: BETA, intercept: false };
          const runs: Solved[] = [];
          for (const rho of PENALTIES) {
            yield progress(index / count, message);
            const drawn = index < DRAWN ? `${rows} rows, seed ${own}, ρ = ${rho}` : undefined;
            runs.push(yield* solved(problem, rho, drawn));
          }
          const values: number[] = [];
          const tried = rows === 8 && index < 2 * CONTROLS ? descents : 0;
          for (let run = 0; run < tried; run++) {
            yield progress((index + run / tried) / count, `descent ${run + 1} on problem ${index + 1}`);
            values.push(await descentFrom(problem, 1000 * own + run, signal));
          }
          const { certificate } = await fitConvexReluNetwork({
            ...problem,
            tolerance: REFERENCE_GAP,
            maxIterations: ROUNDS,
            signal,
          });
          const { objective: optimum, relativeGap: provedGap } = certificate;
          const patterns = enumeratePatterns(problem.x).count;
          const one = { rows, patterns, solved: runs, optimum, provedGap, descents: values };
          if (tried === 0) return one;
          yield points(
            "descents",
            "descent",
            values.map((value) => ({ x: index + 1, y: Math.max(1e-12, value / optimum - 1) })),
          );
          yield points("descents", "refined network (proved gap)", [
            { x: index + 1, y: Math.max(1e-12, provedGap) },
          ]);
          return one;
        }),
      );
    }
    yield progress(1, "done");
    return problems;
  },

  judge(problems: readonly Problem[]) {
    const { reached, straight, recovery, distance, gap, lowest, spurious } = figuresOf(problems);
    return [
      check(
        "C1",
        "largest proved relative gap of a network found by convex optimization",
        gap,
        { atMost: 1e-5 },
        criterion("the dual bound over all directions should match the objective to five digits"),
      ),
      check(
        "C1",
        "largest relative difference of ADMM’s optimum and its network’s objective, where it reached 1e-9",
        recovery,
        { atMost: 1e-6 },
        theorem(
          "the two problems are equivalent; 1e-6 allows for constraints that hold only up to the residual",
        ),
      ),
      check(
        "C1",
        "lowest objective of descent, relative to the optimum, minus 1",
        lowest,
        { atLeast: -1e-6 },
        theorem("no network is below the convex optimum"),
      ),
      check(
        "C1",
        "share of descents that end more than 0.1% above the optimum",
        spurious,
        { atLeast: 0.1 },
        criterion("minima that trap one descent in ten are no accident"),
      ),
      check(
        "C3",
        "share of problems on which ADMM reaches a residual of 1e-9 within 10,000 iterations",
        reached,
        { atLeast: 0.9 },
        criterion(
          "linear convergence covers every problem; one in ten may have a rate too close to 1 for the iteration limit",
        ),
      ),
      check(
        "C3",
        "share of problems whose log residual falls along a line (R² at least 0.9)",
        straight,
        { atLeast: 0.75 },
        criterion(
          "linear convergence is a straight line on a log scale; changes of the active constraints bend some curves",
        ),
      ),
      check(
        "C3",
        "largest relative distance of ADMM’s network from the optimum, where it reached 1e-9",
        distance,
        { atMost: 1e-4 },
        criterion(
          "on degenerate problems the distance can be much larger than the residual of 1e-9; four digits must be right",
        ),
      ),
    ];
  },

  present(problems: readonly Problem[]) {
    const { reached, straight, gap, distance, spurious, highest } = figuresOf(problems);
    const percent = (share: number) => `${Math.round(100 * share)}%`;
    return {
      headline: `Convex optimization finds networks whose relative gap to the global optimum is provably at most ${formatRounded(gap)}; ${percent(spurious)} of the descents from random starts end more than 0.1% above it.`,
      captions: {
        residual: `The residual falls to 1e-9 on ${percent(reached)} of the problems; its logarithm falls along a line on ${percent(straight)}.`,
        descents: `No descent ends below the convex optimum; ${percent(spurious)} end more than 0.1% above it, the worst by ${formatRounded(100 * highest)}%.`,
      },
      summary: [
        `With two inputs all activation patterns can be enumerated: ${Math.min(...problems.map(({ patterns }) => patterns))} to ${Math.max(...problems.map(({ patterns }) => patterns))} for 6 and 8 rows. The convex program over them has the same optimum as training itself.`,
        `The dual bound is maximized over all directions, not a sample of them, so the gap of ${formatRounded(gap)} is proved.`,
        reached > 0
          ? `Where ADMM reaches a residual of 1e-9, its network is within ${formatRounded(distance)} of the optimum.`
          : "ADMM reached a residual of 1e-9 on none of the problems.",
      ],
      tables: [
        tableOf(
          "problems",
          "The better of two penalties on each problem",
          {
            rows: "rows",
            patterns: "patterns",
            rho: "ρ",
            iterations: "iterations to 1e-9",
            optimum: "optimum",
            provedGap: "proved relative gap",
            distance: "ADMM above the optimum",
            blocks: "nonzero blocks",
            spurious: "descents 0.1% above",
          },
          problems.map((problem) => {
            const { rho, iterations, networkObjective: value, activeBlocks } = best(problem);
            return {
              rows: problem.rows,
              patterns: problem.patterns,
              rho,
              iterations,
              optimum: problem.optimum,
              provedGap: problem.provedGap,
              distance: value / problem.optimum - 1,
              blocks: activeBlocks,
              spurious:
                problem.descents.length === 0
                  ? null
                  : `${problem.descents.filter((one) => one / problem.optimum - 1 > SPURIOUS).length} of ${problem.descents.length}`,
            };
          }),
        ),
      ],
    };
  },
});
