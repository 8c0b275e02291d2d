import { cholesky, choleskySolve, type DenseMatrix } from "gradus/linalg";
import {
  type ActivationPatterns,
  convexNetworkIterates,
  patternSystem,
  samplePatterns,
} from "gradus/optimize/convex-networks";
import { randomStream } from "gradus/random";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { teacherRows } from "./problems.ts";

const INPUTS = 20;
const PATTERNS = 20;
/** Rows per pattern where patterns grow with the rows, as the guarantee on sampled patterns asks. */
const ROWS_PER_PATTERN = 20;
const DENSE_ROWS = 100;
const DENSE_INPUTS = 10;
const DENSE_PATTERNS = [10, 20, 40, 80];
const SIGMA = 10;
const BETA = 0.1;
const REPEATS = 5;

/** One problem, and what an iteration of ADMM, or a solve of its linear system, costs on it. */
interface Cost {
  readonly n: number;
  readonly patterns: number;
  /** Multiplications and additions. */
  readonly flops: number;
  readonly seconds: number;
}

interface Findings {
  /** Iterations by the number of rows, at 20 patterns. */
  readonly rows: readonly Cost[];
  /** Iterations by the number of rows, with one pattern for 20 rows. */
  readonly growing: readonly Cost[];
  /** Solves by the number of patterns, at 100 rows. */
  readonly solves: readonly (Cost & { readonly solver: "structured" | "dense" })[];
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
  for (let call = 0; call < REPEATS; call++) {
    const begun = performance.now();
    solve();
    least = Math.min(least, performance.now() - begun);
  }
  return least / 1000;
}

/** Flops of an iteration of ADMM on a problem of n rows, and the seconds of the fastest of a few after the first. */
async function iterationCost(n: number, patterns: number, seed: number, signal: AbortSignal): Promise<Cost> {
  const { x, y } = teacherRows(n, INPUTS, seed);
  const method = convexNetworkIterates({
    x,
    y,
    beta: BETA,
    intercept: false,
    patterns: samplePatterns(x, { count: patterns, seed }),
    signal,
  });
  let [flops, least, begun] = [0, Number.POSITIVE_INFINITY, 0];
  for await (const iterate of method) {
    // the first iteration also factors the system, once
    if (iterate.iteration > 1) least = Math.min(least, performance.now() - begun);
    flops = iterate.flops / iterate.iteration;
    if (iterate.iteration > REPEATS) break;
    begun = performance.now();
  }
  return { n, patterns, flops, seconds: least / 1000 };
}

function figuresOf({ rows, growing, solves, difference }: Findings) {
  const inRows = (costs: readonly Cost[], of: (cost: Cost) => number) =>
    logLogSlope(
      costs.map(({ n }) => n),
      costs.map(of),
    ).slope;
  const at = (solver: "structured" | "dense") => solves.filter((one) => one.solver === solver);
  const [structured, dense] = [at("structured"), at("dense")];
  const inPatterns = (of: (cost: Cost) => number) =>
    logLogSlope(
      dense.map(({ patterns }) => patterns),
      dense.map(of),
    ).slope;
  const flopsOf = ({ flops }: Cost) => flops;
  const secondsOf = ({ seconds }: Cost) => seconds;
  const largest = dense.length - 1;
  return {
    rowsFlops: inRows(rows, flopsOf),
    rowsSeconds: inRows(rows, secondsOf),
    growingFlops: inRows(growing, flopsOf),
    growingSeconds: inRows(growing, secondsOf),
    denseFlops: inPatterns(flopsOf),
    denseSeconds: inPatterns(secondsOf),
    saving: dense[largest].flops / structured[largest].flops,
    savingSeconds: dense[largest].seconds / structured[largest].seconds,
    largest: dense[largest].patterns,
    difference,
  };
}

export default defineExperiment({
  description:
    "The cost of an ADMM iteration by the numbers of rows and patterns, and of its linear system: in the paper’s form, of order 2Pd, and in one that needs a matrix of order n. The verdict rests on operations counted in the iterations; seconds are only shown.",
  parameters: z.object({
    rows: z.int().min(800).max(6400).default(6400).describe("largest number of rows; sizes double from 200"),
  }),
  profiles: { quick: { rows: 1600 }, full: {} },
  seconds: { quick: 3, full: 40 },
  plots: [
    linePlot("rows", "By rows, d = 20", logAxis("Rows n"), logAxis("Flops per iteration"), {
      series: ["P = 20", "P = n / 20"],
    }),
    linePlot("patterns", "By patterns, n = 100, d = 10", logAxis("Patterns P"), logAxis("Flops per solve"), {
      series: ["structured", "dense"],
    }),
    linePlot("seconds", "Time on this machine", logAxis("Patterns P"), logAxis("Seconds per solve"), {
      series: ["structured", "dense"],
    }),
  ],

  async *measure({ parameters: { rows: most }, seed, signal, stage }) {
    const rows: Cost[] = [];
    const growing: Cost[] = [];
    const sizes: number[] = [];
    for (let n = 200; n <= most; n *= 2) sizes.push(n);
    for (const [index, n] of sizes.entries()) {
      yield progress((0.5 * index) / sizes.length, `${n} rows`);
      const [fixed, more] = yield* stage(`rows ${n}`, async function* () {
        const one = await iterationCost(n, PATTERNS, seed, signal);
        yield point("rows", "P = 20", n, one.flops);
        const other = await iterationCost(n, n / ROWS_PER_PATTERN, seed, signal);
        yield point("rows", "P = n / 20", n, other.flops);
        return [one, other] as const;
      });
      rows.push(fixed);
      growing.push(more);
    }

    const solves: Findings["solves"][number][] = [];
    let difference = 0;
    for (const [index, patterns] of DENSE_PATTERNS.entries()) {
      yield progress(0.5 + (0.5 * index) / DENSE_PATTERNS.length, `${patterns} patterns`);
      signal.throwIfAborted();
      const both = yield* stage(`patterns ${patterns}`, async function* () {
        const { x } = teacherRows(DENSE_ROWS, DENSE_INPUTS, seed);
        const chosen = samplePatterns(x, { count: patterns, seed });
        const system = patternSystem(x, chosen);
        const order = 2 * patterns * DENSE_INPUTS;
        const right = randomStream(seed).split("right").fillNormal(new Float64Array(order));
        const structured = { rows: 2 * patterns, columns: DENSE_INPUTS, values: right.slice() };
        system.solve(structured, SIGMA);
        const flops = system.flops();
        const factor = cholesky(denseSystem(x, chosen));
        const dense = choleskySolve(factor, right);
        let [apart, size] = [0, 0];
        dense.forEach((value, i) => {
          apart = Math.max(apart, Math.abs(value - structured.values[i]));
          size = Math.max(size, Math.abs(value));
        });
        const pair = [
          {
            solver: "structured",
            n: DENSE_ROWS,
            patterns,
            flops,
            seconds: timed(() => system.solve(structured, SIGMA)),
          },
          {
            solver: "dense",
            n: DENSE_ROWS,
            patterns,
            // two triangular solves
            flops: 2 * order * order,
            seconds: timed(() => choleskySolve(factor, right)),
          },
        ] as const;
        for (const { solver, flops, seconds } of pair) {
          yield point("patterns", solver, patterns, flops);
          yield point("seconds", solver, patterns, Math.max(1e-6, seconds));
        }
        return { pair, difference: apart / size };
      });
      solves.push(...both.pair);
      difference = Math.max(difference, both.difference);
    }
    yield progress(1, "done");
    return { rows, growing, solves, difference };
  },

  judge(findings: Findings) {
    const { rowsFlops, growingFlops, saving, largest, difference } = figuresOf(findings);
    const quadratic = criterion("“quadratic” is an exponent of 2; a tenth more is the resolution of a slope");
    return [
      check("C3", "exponent of n in the flops per iteration, P = 20", rowsFlops, { atMost: 2.1 }, quadratic),
      check(
        "C3",
        "exponent of n in the flops per iteration, P = n / 20",
        growingFlops,
        { atMost: 2.1 },
        quadratic,
      ),
      ourCheck(
        `flops of the dense solve over those of the structured one, ${largest} patterns`,
        saving,
        { atLeast: 5 },
        criterion("a form of the system that needs more code should save most of the work"),
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
    const figures = figuresOf(findings);
    const { rowsFlops, rowsSeconds, growingFlops, growingSeconds, denseFlops, denseSeconds } = figures;
    const { saving, savingSeconds, largest, difference } = figures;
    return {
      headline: `The flops of an ADMM iteration grow with n to the power ${formatRounded(growingFlops)} where the patterns grow with the rows, and ${formatRounded(rowsFlops)} at ${PATTERNS} patterns; without forming the system, a solve takes ${formatRounded(saving)} times fewer at ${largest} patterns.`,
      captions: {
        rows: `Exponents of n in the flops: ${formatRounded(rowsFlops)} at P = ${PATTERNS} and ${formatRounded(growingFlops)} at P = n / ${ROWS_PER_PATTERN}; in the seconds on this machine: ${formatRounded(rowsSeconds)} and ${formatRounded(growingSeconds)}.`,
        patterns: `The dense solve grows with P to the power ${formatRounded(denseFlops)}, the structured one with P: ${formatRounded(saving)} times fewer flops at ${largest} patterns.`,
        seconds: `The dense solve’s time grows with exponent ${formatRounded(denseSeconds)} in P; at ${largest} patterns the structured solve is ${formatRounded(savingSeconds)} times faster on this machine.`,
      },
      summary: [
        `Both forms solve the same system: their solutions differ by ${formatRounded(difference)}, relative to the largest entry.`,
        "The structured form needs Cholesky factors of orders n and d, the dense form one of order 2Pd. They are made once and not counted in an iteration.",
        "Only the counted operations are judged. The seconds depend on this machine and its load: at these sizes they are those of a few small products.",
      ],
      tables: [
        tableOf(
          "iterations",
          "Flops and seconds per ADMM iteration",
          { n: "rows", patterns: "patterns", flops: "flops", seconds: "seconds" },
          [...findings.rows, ...findings.growing],
        ),
        tableOf(
          "costs",
          "Flops and seconds per solve",
          { solver: "form", n: "rows", patterns: "patterns", flops: "flops", seconds: "seconds" },
          findings.solves,
        ),
      ],
    };
  },
});
