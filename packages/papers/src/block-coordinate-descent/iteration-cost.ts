import {
  type BlockCoordinateOptions,
  type BlockProblem,
  blockCoordinateIterates,
  forestPartition,
} from "gradus/optimize";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, type ExperimentRun, progress, replaceCurve } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { latticeProblem, sparseLeastSquaresProblem } from "./problems.ts";

/** A rule timed on problems of several sizes. */
interface Timed {
  readonly label: string;
  readonly plot: "graph" | "squares";
  /** The quantity to which the work of an iteration is proportional. */
  readonly work: string;
  /** Iterations before the clock starts, where a rule keeps something for each of n coordinates' blocks. */
  readonly warm?: (n: number) => number;
  /** How the rule is set up for one problem. */
  readonly options: (problem: BlockProblem) => BlockCoordinateOptions;
}

const timed: readonly Timed[] = [
  {
    label: "greedy tree",
    plot: "graph",
    work: "n (sort by bits, union-find, two passes over the tree)",
    options: () => ({ select: "forest" }),
  },
  {
    label: "tree partition",
    plot: "graph",
    work: "n (two passes over the tree)",
    options: ({ graph }) => ({ blocks: graph ? forestPartition(graph) : [] }),
  },
  {
    label: "GSD, |b| = 10",
    plot: "graph",
    work: "|b| · neighbors · log n (a heap)",
    options: () => ({ blockSize: 10, select: "gsd", update: "exact" }),
  },
  {
    label: "cyclic, |b| = 5",
    plot: "squares",
    work: "entries of |b| columns",
    warm: (n) => Math.ceil(n / 5),
    options: () => ({ blockSize: 5, partition: "order", select: "cyclic", update: "gradient" }),
  },
  {
    label: "GSD, |b| = 5",
    plot: "squares",
    work: "entries of A (all partial derivatives)",
    options: () => ({ blockSize: 5, select: "gsd", update: "gradient" }),
  },
];
const of = (plot: Timed["plot"]) => timed.filter((one) => one.plot === plot);
const SIDES = [50, 100, 200];
const WARM = 100;
/** Rounds, and samples per round: other load on the machine then affects all sizes alike. */
const ROUNDS = 3;
const SAMPLES = 12;
/** Minimum duration of a sample: browsers round their clocks to 0.1 ms. */
const SAMPLE_MILLISECONDS = 1;
const ROWS = 400;

/** One rule on one problem: each turn gives the least mean of its samples, in seconds. */
interface Stopwatch {
  readonly rule: Timed;
  readonly size: number;
  /** Of a warmed-up iteration, counted: the same on every machine. */
  flops(): number;
  turn(): Promise<number>;
}

function stopwatch(problem: BlockProblem, rule: Timed, signal: AbortSignal): Stopwatch {
  const run = blockCoordinateIterates(problem, { ...rule.options(problem), signal });
  // warms up the engine and fills the rule's caches
  let left = Math.max(WARM, rule.warm?.(problem.dimension) ?? 0);
  let flops = Number.NaN;
  return {
    rule,
    size: problem.dimension,
    flops: () => flops,
    async turn() {
      for (; left > 0; left--) {
        const { value } = await run.next();
        if (value && value.iteration > 0) flops = value.flops / value.iteration;
      }
      let least = Number.POSITIVE_INFINITY;
      for (let sample = 0; sample < SAMPLES; sample++) {
        const start = performance.now();
        let iterations = 0;
        let elapsed = 0;
        while (elapsed < SAMPLE_MILLISECONDS) {
          await run.next();
          iterations += 1;
          elapsed = performance.now() - start;
        }
        least = Math.min(least, elapsed / 1000 / iterations);
      }
      return least;
    },
  };
}

/** What an iteration costs on a problem of n unknowns. */
interface Cost {
  readonly n: number;
  readonly seconds: number;
  readonly flops: number;
}

const trees = ["greedy tree", "tree partition"] as const;

/** The power of n with which a cost grows. */
function powerOf(costs: readonly Cost[], what: "flops" | "seconds"): number {
  return logLogSlope(
    costs.map(({ n }) => n),
    costs.map((cost) => cost[what]),
  ).slope;
}

export default defineExperiment({
  description:
    "Flops and seconds of an iteration on lattices from 50 × 50 to 200 × 200, and on least squares with a growing number of columns and a fixed number of entries per column.",
  parameters: z.object({
    columns: z
      .int()
      .min(500)
      .max(20_000)
      .default(4000)
      .describe("columns of the smallest least squares problem"),
  }),
  profiles: { quick: { columns: 2000 }, full: {} },
  seconds: { quick: 6, full: 10 },
  plots: [
    linePlot("graph", "Lattices", logAxis("unknowns n"), logAxis("seconds of an iteration"), {
      series: of("graph").map(({ label }) => label),
    }),
    linePlot("squares", "Least squares, 400 rows", logAxis("columns n"), logAxis("seconds of an iteration"), {
      series: of("squares").map(({ label }) => label),
    }),
  ],

  async *measure({ parameters: { columns }, signal, stage }) {
    const widths = [columns, 4 * columns, 16 * columns];
    const costs = yield* stage("costs", async function* (): ExperimentRun<Record<string, Cost[]>> {
      const watches: Stopwatch[] = [];
      const least: number[] = [];
      const costsOf = (rule: Timed) =>
        least.flatMap((seconds, w) =>
          watches[w].rule === rule ? [{ n: watches[w].size, seconds, flops: watches[w].flops() }] : [],
        );
      async function* turnOf(w: number): ExperimentRun<void> {
        const { rule, turn } = watches[w];
        least[w] = Math.min(least[w] ?? Number.POSITIVE_INFINITY, await turn());
        yield replaceCurve(rule.plot, rule.label, costsOf(rule), ({ n, seconds }) => ({ x: n, y: seconds }));
      }
      // Every rule gets a first round as soon as there is something to time.
      for (const [k, side] of SIDES.entries()) {
        yield progress(k / 10, `problems of size ${k + 1}`);
        const lattice = latticeProblem(side, 0).problem;
        const squares = sparseLeastSquaresProblem(ROWS, widths[k], 0);
        for (const rule of timed) {
          watches.push(stopwatch(rule.plot === "graph" ? lattice : squares, rule, signal));
          yield* turnOf(watches.length - 1);
        }
      }
      for (let round = 1; round < ROUNDS; round++) {
        yield progress(0.3 + (0.7 * round) / ROUNDS, `round ${round + 1} of ${ROUNDS}`);
        for (const w of watches.keys()) yield* turnOf(w);
      }
      return Object.fromEntries(timed.map((rule) => [rule.label, costsOf(rule)]));
    });
    return { costs };
  },

  judge: ({ costs }) =>
    trees.map((label) =>
      check(
        "C4",
        `${label}: power of n in the flops of an iteration`,
        powerOf(costs[label], "flops"),
        { between: [0.8, 1.2] },
        criterion("“O(n)” is a power within a fifth of 1"),
      ),
    ),

  present({ costs }) {
    const powers = (plot: Timed["plot"], what: "flops" | "seconds") =>
      of(plot)
        .map(({ label }) => `${formatRounded(powerOf(costs[label], what))} (${label})`)
        .join(", ");
    const [greedy, fixed] = trees.map((label) => formatRounded(powerOf(costs[label], "flops")));
    return {
      headline: `From 2,400 to 39,900 unknowns the flops of an iteration grow with n to the power ${greedy} for greedy trees and ${fixed} for a tree partition.`,
      captions: {
        graph: `Powers of n in the seconds: ${powers("graph", "seconds")}; in the flops: ${powers("graph", "flops")}.`,
        squares: `Powers of n in the seconds: ${powers("squares", "seconds")}; in the flops: ${powers("squares", "flops")}.`,
      },
      summary: [
        "Trees cost work in proportion to the unknowns they update. A small greedy block needs no pass over the unknowns where a heap can track the gradient; on least squares a greedy rule needs all partial derivatives, a cyclic one only those of its block.",
        "Only the counted operations are judged. The seconds depend on this machine and its load: larger problems no longer fit the nearest cache.",
      ],
      tables: [
        {
          id: "costs",
          title: "Cost of an iteration as a power of n",
          columns: [
            { key: "problem", label: "problem" },
            { key: "rule", label: "rule" },
            { key: "work", label: "work grows with" },
            { key: "flops", label: "power of n in the flops" },
            { key: "exponent", label: "power of n in the seconds" },
            ...SIDES.map((_, k) => ({ key: `t${k}`, label: `seconds, ${["small", "middle", "large"][k]}` })),
          ],
          rows: timed.map(({ plot, label, work }) => ({
            problem: plot === "graph" ? "lattice" : "least squares",
            rule: label,
            work,
            flops: powerOf(costs[label], "flops"),
            exponent: powerOf(costs[label], "seconds"),
            ...Object.fromEntries(costs[label].map(({ seconds }, k) => [`t${k}`, seconds])),
          })),
        },
      ],
    };
  },
});
