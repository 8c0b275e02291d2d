import { denseMatrix, multiply, multiplyTransposed, symmetricEigenvalues } from "gradus/linalg";
import {
  type BlockProblem,
  blockCoordinateDescent,
  blockCoordinateIterates,
  blockLeastSquares,
  nonnegativeL1,
} from "gradus/optimize";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { type Check, check, formatRounded, inconclusive } from "../check.ts";
import { defineExperiment, type ExperimentRun, point, points, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { leastSquaresData } from "./problems.ts";

const TARGET = 1e-8;
const LIMIT = 500;
const rules = [
  { label: "PN-VB", update: "projected-newton", partition: "variable" },
  { label: "TMP-VB", update: "two-metric", partition: "variable" },
  { label: "PG-VB", update: "prox", partition: "variable" },
  { label: "PN-FB", update: "projected-newton", partition: "sort" },
  { label: "PG-FB", update: "prox", partition: "sort" },
] as const;
type Label = (typeof rules)[number]["label"];
const labels = rules.map(({ label }) => label);

/** A nonnegative lasso and its optimum. */
interface Lasso {
  readonly problem: BlockProblem;
  readonly lambda: number;
  readonly ratio: number;
  readonly fStar: number;
  readonly support: Int32Array;
  readonly nondegeneracy: number;
  /** KKT residual of the reference over lambda. */
  readonly residual: number;
}

/** The optimum to a KKT residual of 1e-10 lambda, by exact solves of blocks much larger than the support. */
async function reference(smooth: BlockProblem, lambdaMax: number, ratio: number): Promise<Lasso> {
  const lambda = ratio * lambdaMax;
  const problem = nonnegativeL1(smooth, lambda);
  const { value, activeSet, kktResidual } = await blockCoordinateDescent(problem, {
    blockSize: Math.min(400, problem.dimension),
    stop: { kkt: 1e-10 * lambda },
    maxIterations: 500,
  });
  if (!activeSet) throw new Error("unreachable: the problem has a penalty");
  const { support, nondegeneracy } = activeSet;
  return { problem, lambda, ratio, fStar: value, support, nondegeneracy, residual: kktResidual / lambda };
}

/** lambda / lambda_max as given, or so that the optimum has 12 to 25 weights. */
async function lassoOf(m: number, n: number, seed: number, ratio: number): Promise<Lasso> {
  const { A, c } = leastSquaresData(m, n, seed);
  const smooth = blockLeastSquares(A, c);
  const lambdaMax = multiplyTransposed(A, c).reduce((most, g) => Math.max(most, g), 0);
  if (ratio > 0) return reference(smooth, lambdaMax, ratio);
  let [low, high] = [0.05, 0.9];
  let lasso = await reference(smooth, lambdaMax, (low + high) / 2);
  for (let k = 0; k < 40; k++) {
    if (lasso.support.length > 25) low = lasso.ratio;
    else if (lasso.support.length < 12) high = lasso.ratio;
    else break;
    lasso = await reference(smooth, lambdaMax, (low + high) / 2);
  }
  return lasso;
}

/** The result of a run to the target. */
interface ActiveSetRun {
  readonly iterations: number;
  readonly reached: boolean;
  /** KKT residual at the end, over lambda: optimality without knowing the optimum. */
  readonly kkt: number;
  /** First iteration from which on the support is the optimal one; null if it is not optimal at the end. */
  readonly identified: number | null;
}

async function* followLasso(
  { problem, lambda, fStar, support }: Lasso,
  { label, update, partition }: (typeof rules)[number],
  blockSize: number,
  plot: boolean,
  signal: AbortSignal,
): ExperimentRun<ActiveSetRun> {
  let first = Number.NaN;
  const gaps: { x: number; y: number }[] = [];
  const wrong: { x: number; y: number }[] = [];
  const optimal = new Set(support);
  for await (const iterate of blockCoordinateIterates(problem, { blockSize, update, partition, signal })) {
    const { iteration, value, x, supportChanged } = iterate;
    const gap = value - fStar;
    if (iteration === 0) first = gap;
    let misplaced = 0;
    for (let i = 0; i < x.length; i++) if ((x[i] !== 0) !== optimal.has(i)) misplaced += 1;
    if (plot && (iteration <= 50 || iteration % 5 === 0)) {
      if (gap > 1e-16 * first) gaps.push({ x: iteration, y: gap });
      wrong.push({ x: iteration, y: misplaced });
    }
    const reached = gap <= TARGET * first;
    if (!reached && iteration < LIMIT) continue;
    if (plot) {
      yield points("gap", label, gaps);
      yield points("support", label, wrong);
    }
    return {
      iterations: iteration,
      reached,
      kkt: iterate.kktResidual / lambda,
      identified: misplaced === 0 ? supportChanged : null,
    };
  }
  throw new Error("unreachable: a method yields until it is told to stop");
}

/** One data set with one block size. */
interface Case {
  readonly data: string;
  readonly size: number;
  /** Weights in the optimum. */
  readonly support: number;
  /** lambda over lambda_max. */
  readonly ratio: number;
  /** Nondegeneracy. */
  readonly delta: number;
  /** KKT residual of the reference over lambda. */
  readonly residual: number;
  readonly runs: Readonly<Record<Label, ActiveSetRun>>;
}

interface Identification {
  readonly found: number;
  readonly bound: number;
  readonly delta: number;
}
/** Number of data sets on which the bound is tested. */
const IDENTIFIED = 5;

/** Full proximal gradient steps on a strongly convex nonnegative lasso: when all zeros are found, and the bound. */
async function identification(seed: number, signal: AbortSignal): Promise<Identification> {
  const [m, n] = [200, 50];
  const stream = randomStream(seed).split("identification");
  const values = stream.split("A").fillNormal(new Float64Array(m * n));
  const w = stream.split("weights").fillNormal(new Float64Array(n));
  const kept = stream.split("kept");
  const noise = stream.split("noise");
  const c = multiply(
    denseMatrix(values, m, n),
    w.map((v) => (kept.uniform() < 0.1 ? v : 0)),
  ).map((v) => v + noise.normal());
  const lambda =
    0.1 * multiplyTransposed(denseMatrix(values, m, n), c).reduce((most, g) => Math.max(most, g), 0);
  const problem = nonnegativeL1(blockLeastSquares({ rows: m, columns: n, values }, c), lambda);
  const best = await blockCoordinateDescent(problem, { blockSize: n, stop: { kkt: 1e-11 * lambda } });
  const x0 = new Float64Array(n).fill(1);
  const all = { blockSize: n, partition: "order", select: "cyclic", update: "prox" } as const;
  const support = new Set(best.activeSet?.support);
  const nonzero = (x: Float64Array) => x.some((value, i) => value !== 0 && !support.has(i));
  let found = 0;
  for await (const { iteration, x, kktResidual } of blockCoordinateIterates(problem, {
    ...all,
    x0,
    signal,
  })) {
    if (nonzero(x)) found = iteration + 1;
    if (kktResidual <= 1e-10 * lambda) break;
  }
  const H = new Float64Array(n * n);
  problem.bound(
    Int32Array.from({ length: n }, (_, i) => i),
    H,
  );
  const eigenvalues = symmetricEigenvalues(denseMatrix(H, n, n));
  const [L, mu] = [eigenvalues[0], eigenvalues[n - 1]];
  const distance = Math.hypot(...best.x.map((v, i) => v - x0[i]));
  const delta = best.activeSet?.nondegeneracy ?? 0;
  return {
    found,
    bound: (L / mu) * Math.log((2 * L * distance) / delta) + 1,
    delta,
  };
}

export default defineExperiment({
  description:
    "Nonnegative least squares with an L1 penalty: iterations to a relative gap of 1e-8 with exact block models (PN), two-metric projection (TMP) and proximal gradients (PG), on variable and fixed blocks, and the iteration at which the support is final.",
  parameters: z.object({
    rows: z.int().min(50).max(2000).default(1000).describe("rows of A"),
    columns: z.int().min(100).max(20_000).default(10_000).describe("columns of A"),
    ratio: z
      .number()
      .min(0)
      .max(0.99)
      .default(0.22)
      .describe("lambda over lambda_max; 0: so that 12 to 25 weights remain"),
    sizes: z.array(z.int().min(1).max(500)).min(1).max(5).default([5, 50, 100]).describe("block sizes"),
    seeds: z.int().min(1).max(10).default(3).describe("data sets"),
  }),
  profiles: { quick: { rows: 200, columns: 2000, ratio: 0, sizes: [5, 25, 50] }, full: {} },
  seconds: { quick: 5, full: 60 },
  plots: [
    linePlot(
      "gap",
      "Distance from the optimum, first data set, blocks of the middle size",
      "iteration",
      logAxis("f − f*"),
      { series: labels },
    ),
    linePlot(
      "support",
      "Coordinates on the wrong side: 0 that should not be, or not 0 that should be",
      "iteration",
      "coordinates",
      { series: labels },
    ),
    dotPlot(
      "identification",
      "Iterations until the zeros are found, full proximal gradient, and the bound",
      "seed of the data set",
      "iterations",
      { series: ["found"], references: ["bound"] },
    ),
  ],

  async *measure({ parameters: { rows, columns, ratio, sizes, seeds }, seed, signal, stage }) {
    const cases: Case[] = [];
    const shownSize = sizes[sizes.length >> 1];
    for (const [k, s] of repeatSeeds(seed, seeds, 0).entries()) {
      yield progress((0.9 * k) / seeds, `optimum of data set ${k + 1}`);
      const lasso = await lassoOf(rows, columns, s, ratio);
      for (const [j, size] of sizes.entries()) {
        const runs: Partial<Record<Label, ActiveSetRun>> = {};
        for (const rule of rules) {
          yield progress(
            (0.9 * (k + (j + 0.5) / sizes.length)) / seeds,
            `data set ${k + 1}, |b| = ${size}, ${rule.label}`,
          );
          runs[rule.label] = yield* stage(`${k}, ${size}, ${rule.label}`, () =>
            followLasso(lasso, rule, size, k === 0 && size === shownSize, signal),
          );
        }
        cases.push({
          data: `${rows} × ${columns}, seed ${s}`,
          size,
          support: lasso.support.length,
          ratio: lasso.ratio,
          delta: lasso.nondegeneracy,
          residual: lasso.residual,
          runs: runs as Case["runs"],
        });
      }
    }
    yield progress(0.95, "identification bound");
    const identified = yield* stage("identification", async function* () {
      const found: Identification[] = [];
      for (const s of repeatSeeds(seed, IDENTIFIED, 0)) {
        const one = await identification(s, signal);
        yield point("identification", "found", s, one.found);
        yield point("identification", "bound", s, one.bound);
        found.push(one);
      }
      return found;
    });
    return { shownSize, cases, identified };
  },

  judge({ cases, identified }) {
    const bound: Check = check(
      "C5",
      `full proximal gradient: iterations until all zeros are found over the bound, largest of ${IDENTIFIED} data sets`,
      Math.max(...identified.map(({ found, bound: most }) => found / most)),
      { atMost: 1 },
      theorem("active-set complexity of the proximal gradient method, proved in the remarks"),
    );
    const holding = cases.filter(({ size, support }) => size >= support);
    if (holding.length === 0) return [bound, inconclusive("C5", "No block size holds the optimal support.")];
    const apart = criterion("“superlinear” stands apart from linear by at least twice the iterations");
    const ratio = (slow: Label, fast: Label) =>
      check(
        "C5",
        `iterations of ${slow} over those of ${fast}, blocks that hold the support, smallest`,
        Math.min(...holding.map(({ runs }) => runs[slow].iterations / runs[fast].iterations)),
        { atLeast: 2 },
        apart,
      );
    return [
      bound,
      check(
        "C5",
        "PN-VB: KKT residual at the end over λ, blocks that hold the support, largest",
        Math.max(...holding.map(({ runs }) => runs["PN-VB"].kkt)),
        { atMost: 1e-10 },
        criterion("a quadratic solved in finitely many steps leaves only rounding"),
      ),
      check(
        "C5",
        "PN-VB: iterations after its support is the optimal one, blocks that hold the support, largest",
        Math.max(...holding.map(({ runs: { "PN-VB": run } }) => run.iterations - (run.identified ?? -LIMIT))),
        { atMost: 1 },
        criterion("“finite termination”: one more step solves a quadratic whose support the block can hold"),
      ),
      ratio("PG-VB", "PN-VB"),
      ratio("PG-VB", "TMP-VB"),
      ratio("PN-FB", "PN-VB"),
    ];
  },

  present({ shownSize, cases, identified }) {
    const range = (values: readonly number[]) =>
      [...new Set([Math.min(...values), Math.max(...values)].map(formatRounded))].join(" to ");
    const shown = ({ runs }: Case, label: Label) =>
      runs[label].reached ? runs[label].iterations : `> ${LIMIT}`;
    const middle = cases.filter(({ size }) => size === shownSize);
    const iterations = (label: Label) => range(middle.map(({ runs }) => runs[label].iterations));
    return {
      headline: `With variable blocks of ${shownSize}, Newton-type updates (PN) take ${iterations("PN-VB")} iterations to reach ${TARGET} of the initial gap, proximal gradients (PG) ${iterations("PG-VB")}.`,
      captions: {
        gap: `Blocks of ${shownSize}: ${labels.map((label) => `${label} ${shown(middle[0], label)}`).join(", ")} iterations. With PG the gap falls by about the same factor at every step.`,
        support: `Blocks of ${shownSize}. Iterations to the optimal support: ${labels.map((label) => `${label} ${middle[0].runs[label].identified ?? "not found"}`).join(", ")}.`,
        identification: `Found after ${range(identified.map(({ found }) => found))} iterations; the bound κ ln(2L‖x₀ − x*‖/δ) + 1 is ${range(identified.map(({ bound }) => bound))}, with δ from ${range(identified.map(({ delta }) => delta))}.`,
      },
      summary: middle.map(
        (one) =>
          `${one.data}, support ${one.support}, blocks of ${one.size}: ${labels.map((label) => `${label} ${shown(one, label)}`).join(", ")} iterations; ${one.runs["PN-VB"].identified === null ? "PN-VB does not end with the optimal support" : `PN-VB has the optimal support after ${one.runs["PN-VB"].identified}`}.`,
      ),
      tables: [
        {
          id: "runs",
          title: `Iterations to ${TARGET} of the first gap, and when the support is the optimal one`,
          columns: [
            { key: "data", label: "data" },
            { key: "ratio", label: "λ / λ_max" },
            { key: "support", label: "weights in the optimum" },
            { key: "delta", label: "δ, nondegeneracy" },
            { key: "size", label: "|b|" },
            ...labels.map((label) => ({ key: label, label })),
            ...labels.map((label) => ({ key: `${label} identified`, label: `${label}: support found at` })),
            { key: "kkt", label: "PN-VB: KKT residual at the end over λ" },
            { key: "residual", label: "KKT residual of f* over λ" },
          ],
          rows: cases.map(({ runs, ...rest }) => ({
            ...rest,
            ...Object.fromEntries(labels.map((label) => [label, shown({ ...rest, runs }, label)])),
            ...Object.fromEntries(labels.map((label) => [`${label} identified`, runs[label].identified])),
            kkt: runs["PN-VB"].kkt,
          })),
        },
      ],
    };
  },
});
