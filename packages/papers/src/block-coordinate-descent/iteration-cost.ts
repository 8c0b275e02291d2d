import {
  type BlockCoordinateOptions,
  type BlockProblem,
  blockCoordinateIterates,
  forestPartition,
} from "gradus/optimize";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatFigure } from "../check.ts";
import { defineExperiment, type ExperimentRun, progress, replacePoints, table } from "../experiment.ts";
import { latticeProblem, sparseLeastSquaresProblem } from "./problems.ts";

/** A rule timed on problems of several sizes. */
interface Timed {
  readonly label: string;
  readonly plot: "graph" | "squares";
  /** What the work of an iteration is proportional to. */
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
/** Everyone has so many turns of so many samples: what else the machine does then hits all sizes alike. */
const ROUNDS = 8;
const SAMPLES = 12;
/** A sample takes at least so long: browsers round their clocks to 0.1 ms. */
const SAMPLE_MILLISECONDS = 1;
const ROWS = 400;

/** One rule on one problem: each turn gives the least mean of its samples, in seconds. */
interface Stopwatch {
  readonly rule: Timed;
  readonly size: number;
  turn(): Promise<number>;
}

function stopwatch(problem: BlockProblem, rule: Timed, signal: AbortSignal): Stopwatch {
  const run = blockCoordinateIterates(problem, { ...rule.options(problem), signal });
  // the engine warms up, and a rule fills what it keeps
  let left = Math.max(WARM, rule.warm?.(problem.dimension) ?? 0);
  return {
    rule,
    size: problem.dimension,
    async turn() {
      for (; left > 0; left--) await run.next();
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

export default defineExperiment({
  id: "iteration-cost",
  title: "What an iteration costs as problems grow",
  description:
    "Seconds of an iteration on lattices from 50 × 50 to 200 × 200, and on least squares whose columns keep their number of entries while their count grows.",
  claims: ["C4"],
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
    {
      id: "graph",
      title: "Lattices",
      x: { label: "unknowns n", scale: "log" },
      y: { label: "seconds of an iteration", scale: "log" },
      mark: "line",
      series: of("graph").map(({ label }) => label),
    },
    {
      id: "squares",
      title: "Least squares, 400 rows",
      x: { label: "columns n", scale: "log" },
      y: { label: "seconds of an iteration", scale: "log" },
      mark: "line",
      series: of("squares").map(({ label }) => label),
    },
  ],

  async *run({ parameters: { columns }, signal, stage }) {
    const widths = [columns, 4 * columns, 16 * columns];
    const seconds = yield* stage("seconds", async function* () {
      const watches: Stopwatch[] = [];
      const least: number[] = [];
      const timesOf = (rule: Timed) =>
        least.flatMap((y, w) => (watches[w].rule === rule ? [{ x: watches[w].size, y }] : []));
      async function* turnOf(w: number): ExperimentRun<void> {
        const { rule, turn } = watches[w];
        least[w] = Math.min(least[w] ?? Number.POSITIVE_INFINITY, await turn());
        yield replacePoints(rule.plot, rule.label, timesOf(rule));
      }
      // Everyone has a first turn as soon as there is something to time.
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
      return Object.fromEntries(timed.map((rule) => [rule.label, timesOf(rule).map(({ y }) => y)]));
    });
    yield progress(1, "done");
    const unknowns = SIDES.map((side) => side * side - 100);
    const exponent = ({ plot, label }: Timed) =>
      logLogSlope(plot === "graph" ? unknowns : widths, seconds[label]).slope;
    yield table({
      id: "costs",
      title: "Time of an iteration as a power of n",
      columns: [
        { key: "problem", label: "problem" },
        { key: "rule", label: "rule" },
        { key: "work", label: "work grows with" },
        { key: "exponent", label: "exponent of n" },
        ...SIDES.map((_, k) => ({ key: `t${k}`, label: ["small", "middle", "large"][k] })),
      ],
      rows: timed.map((one) => ({
        problem: one.plot === "graph" ? "lattice" : "least squares",
        rule: one.label,
        work: one.work,
        exponent: exponent(one),
        ...Object.fromEntries(seconds[one.label].map((time, k) => [`t${k}`, time])),
      })),
    });
    const [, middle, large] = seconds["greedy tree"];
    const exponents = (plot: Timed["plot"]) =>
      of(plot)
        .map((one) => `${formatFigure(exponent(one))} (${one.label})`)
        .join(", ");
    return {
      checks: [
        check("C4", "seconds of a greedy tree on 200 × 200 over 100 × 100", large / middle, { atMost: 6 }),
      ],
      captions: {
        graph: `Exponents of n: ${exponents("graph")}.`,
        squares: `Exponents of n: ${exponents("squares")}.`,
      },
      summary: [
        `Lattices, time against unknowns: exponents ${exponents("graph")}. Least squares, time against columns of equal length: ${exponents("squares")}.`,
        "Trees cost time proportional to the unknowns they update. A small greedy block costs no pass over them where a heap can follow the gradient; on least squares a greedy rule needs all partial derivatives, a cyclic one those of its block.",
      ],
    };
  },
});
