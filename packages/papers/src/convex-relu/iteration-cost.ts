import { cholesky, choleskySolve, type DenseMatrix } from "gradus/linalg";
import { type ActivationPatterns, patternSystem, samplePatterns } from "gradus/optimize/convex-networks";
import { randomStream } from "gradus/random";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatFigure, ourCheck } from "../check.ts";
import { defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { teacherRows } from "./problems.ts";

const INPUTS = 20;
const PATTERNS = 20;
const DENSE_ROWS = 100;
const DENSE_INPUTS = 10;
const DENSE_PATTERNS = [10, 20, 40, 80];
const SIGMA = 10;
const SOLVES = 5;

/** Operation counts and measured seconds of a solve for u at one size. */
interface Cost {
  readonly solver: "structured" | "dense";
  readonly n: number;
  readonly patterns: number;
  readonly operations: number;
  readonly seconds: number;
}

interface Findings {
  readonly costs: readonly Cost[];
  /** Largest difference of a structured and a dense solution, relative to the largest entry. */
  readonly difference: number;
}

/** I + sigma F^T F + G^T G, formed explicitly. */
function denseSystem(
  { rows: n, columns: d, values }: DenseMatrix,
  { count: P, masks }: ActivationPatterns,
): DenseMatrix {
  const size = 2 * P * d;
  const A = { rows: size, columns: size, values: new Float64Array(size * size) };
  for (let i = 0; i < 2 * P; i++)
    for (let j = 0; j < 2 * P; j++) {
      const sign = (i < P ? 1 : -1) * (j < P ? 1 : -1);
      for (let k = 0; k < n; k++) {
        const both = masks[(i % P) * n + k] * masks[(j % P) * n + k];
        const weight = SIGMA * sign * both + Number(i === j);
        if (weight === 0) continue;
        for (let a = 0; a < d; a++) {
          const left = weight * values[k * d + a];
          for (let b = 0; b < d; b++) A.values[(i * d + a) * size + j * d + b] += left * values[k * d + b];
        }
      }
    }
  for (let i = 0; i < size; i++) A.values[i * (size + 1)] += 1;
  return A;
}

/** Seconds of the fastest of a few calls. */
function timed(solve: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let call = 0; call < SOLVES; call++) {
    const begun = performance.now();
    solve();
    least = Math.min(least, performance.now() - begun);
  }
  return least / 1000;
}

function figuresOf({ costs, difference }: Findings) {
  const of = (solver: Cost["solver"], patterns?: number) =>
    costs.filter((one) => one.solver === solver && (patterns === undefined || one.patterns === patterns));
  const byRows = costs.filter(({ solver, n }) => solver === "structured" && n !== DENSE_ROWS);
  const dense = of("dense");
  const largest = DENSE_PATTERNS[DENSE_PATTERNS.length - 1];
  const structuredThere = costs.find(
    (one) => one.solver === "structured" && one.n === DENSE_ROWS && one.patterns === largest,
  );
  const slope = (those: readonly Cost[], x: (cost: Cost) => number, y: (cost: Cost) => number) =>
    logLogSlope(those.map(x), those.map(y)).slope;
  return {
    inRows: slope(
      byRows,
      ({ n }) => n,
      ({ operations }) => operations,
    ),
    inRowsSeconds: slope(
      byRows,
      ({ n }) => n,
      ({ seconds }) => seconds,
    ),
    inPatternsSeconds: slope(
      dense,
      ({ patterns }) => patterns,
      ({ seconds }) => seconds,
    ),
    saving: (dense.at(-1)?.operations ?? Number.NaN) / (structuredThere?.operations ?? Number.NaN),
    savingSeconds: (dense.at(-1)?.seconds ?? Number.NaN) / (structuredThere?.seconds ?? Number.NaN),
    largest,
    difference,
  };
}

export default defineExperiment({
  description:
    "The cost of an ADMM iteration by the numbers of rows and patterns: the paper's linear system of order 2Pd, and the same system solved through a matrix of order n without forming it. The verdict rests on measured seconds; operation counts follow from the sizes and are only shown.",
  parameters: z.object({
    rows: z.int().min(800).max(6400).default(6400).describe("largest number of rows; sizes double from 200"),
  }),
  profiles: { quick: { rows: 1600 }, full: {} },
  seconds: { quick: 3, full: 40 },
  plots: [
    linePlot("rows", "By rows, d = 20, P = 20", logAxis("Rows n"), logAxis("Operations per solve")),
    linePlot(
      "patterns",
      "By patterns, n = 100, d = 10",
      logAxis("Patterns P"),
      logAxis("Operations per solve"),
      {
        series: ["structured", "dense"],
      },
    ),
    linePlot("seconds", "Time on this machine", logAxis("Patterns P"), logAxis("Seconds per solve"), {
      series: ["structured", "dense"],
    }),
  ],

  async *measure({ parameters: { rows }, seed, signal, stage }) {
    const costs: Cost[] = [];
    const sizes: number[] = [];
    for (let n = 200; n <= rows; n *= 2) sizes.push(n);
    const right = (blocks: number, d: number) => ({
      rows: blocks,
      columns: d,
      values: randomStream(seed)
        .split("right")
        .fillNormal(new Float64Array(blocks * d)),
    });

    for (const [index, n] of sizes.entries()) {
      yield progress((0.5 * index) / sizes.length, `${n} rows`);
      signal.throwIfAborted();
      costs.push(
        yield* stage(`rows ${n}`, async function* () {
          const { x } = teacherRows(n, INPUTS, seed);
          const system = patternSystem(x, samplePatterns(x, { count: PATTERNS, seed }));
          const b = right(2 * PATTERNS, INPUTS);
          system.solve(b, SIGMA);
          const seconds = timed(() => system.solve(b, SIGMA));
          yield point("rows", "structured", n, system.solveFlops);
          return {
            solver: "structured",
            n,
            patterns: PATTERNS,
            operations: system.solveFlops,
            seconds,
          } as const;
        }),
      );
    }

    let difference = 0;
    for (const [index, patterns] of DENSE_PATTERNS.entries()) {
      yield progress(0.5 + (0.5 * index) / DENSE_PATTERNS.length, `${patterns} patterns`);
      signal.throwIfAborted();
      const both = yield* stage(`patterns ${patterns}`, async function* () {
        const { x } = teacherRows(DENSE_ROWS, DENSE_INPUTS, seed);
        const chosen = samplePatterns(x, { count: patterns, seed });
        const system = patternSystem(x, chosen);
        const b = right(2 * patterns, DENSE_INPUTS);
        const structured = { ...b, values: b.values.slice() };
        system.solve(structured, SIGMA);
        const factor = cholesky(denseSystem(x, chosen));
        const dense = choleskySolve(factor, b.values);
        let [apart, size] = [0, 0];
        dense.forEach((value, i) => {
          apart = Math.max(apart, Math.abs(value - structured.values[i]));
          size = Math.max(size, Math.abs(value));
        });
        const order = b.values.length;
        const pair = [
          {
            solver: "structured",
            n: DENSE_ROWS,
            patterns,
            operations: system.solveFlops,
            seconds: timed(() => system.solve(structured, SIGMA)),
          },
          {
            solver: "dense",
            n: DENSE_ROWS,
            patterns,
            operations: 2 * order * order,
            seconds: timed(() => choleskySolve(factor, b.values)),
          },
        ] as const;
        for (const { solver, operations, seconds } of pair) {
          yield point("patterns", solver, patterns, operations);
          yield point("seconds", solver, patterns, Math.max(1e-6, seconds));
        }
        return { pair, difference: apart / size };
      });
      costs.push(...both.pair);
      difference = Math.max(difference, both.difference);
    }
    yield progress(1, "done");
    return { costs, difference };
  },

  judge(findings: Findings) {
    const { inRowsSeconds, inPatternsSeconds, difference } = figuresOf(findings);
    const quadratic = criterion("“quadratic” is an exponent of 2; a tenth more allows for timing noise");
    return [
      check("C3", "exponent of n in the seconds per solve", inRowsSeconds, { atMost: 2.2 }, quadratic),
      check(
        "C3",
        "exponent of P in the seconds of the dense solve",
        inPatternsSeconds,
        { atMost: 2.2 },
        quadratic,
      ),
      ourCheck(
        "largest relative difference of the two solutions",
        difference,
        { atMost: 1e-8 },
        criterion("both solve the same system, whose condition number leaves eight of sixteen digits"),
      ),
    ];
  },

  present(findings: Findings) {
    const { inRows, inRowsSeconds, inPatternsSeconds, saving, savingSeconds, largest, difference } =
      figuresOf(findings);
    return {
      headline: `The time of a solve grows with exponent ${formatFigure(inRowsSeconds)} in the number of rows; without forming the system, a solve takes ${formatFigure(saving)} times fewer operations at ${largest} patterns.`,
      captions: {
        rows: `Over these sizes the exponent of n is ${formatFigure(inRows)} in operations and ${formatFigure(inRowsSeconds)} in seconds on this machine.`,
        patterns: `The dense solve grows with P², the structured one with P, which is ${formatFigure(saving)} times fewer operations at ${largest} patterns.`,
        seconds: `The dense solve's time grows with exponent ${formatFigure(inPatternsSeconds)} in P; at ${largest} patterns the structured solve is ${formatFigure(savingSeconds)} times faster on this machine.`,
      },
      summary: [
        `Both forms solve the same system: their solutions differ by ${formatFigure(difference)}, relative to the largest entry.`,
        "The structured form needs Cholesky factors of orders n and d, the dense form one of order 2Pd.",
      ],
      tables: [
        tableOf(
          "costs",
          "Operations and seconds per solve",
          { solver: "form", n: "rows", patterns: "patterns", operations: "operations", seconds: "seconds" },
          findings.costs,
        ),
      ],
    };
  },
});
