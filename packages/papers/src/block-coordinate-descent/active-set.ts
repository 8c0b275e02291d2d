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
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, type ExperimentRun, point, points, progress, table } from "../experiment.ts";
import { seedsFrom } from "./follow.ts";
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
  readonly ratio: number;
  readonly fStar: number;
  readonly support: Int32Array;
  readonly nondegeneracy: number;
  /** KKT residual of the reference over lambda. */
  readonly residual: number;
}

/** The optimum to a KKT residual of 1e-10 lambda: exact solves of blocks that can hold the support many times over. */
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
  return { problem, ratio, fStar: value, support, nondegeneracy, residual: kktResidual / lambda };
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

/** How a run to the target went. */
interface ActiveSetRun {
  readonly iterations: number;
  readonly reached: boolean;
  /** Last f - f* over the first. */
  readonly relativeGap: number;
  /** First iteration from which the support is the optimal one; null when it is not at the end. */
  readonly identified: number | null;
}

async function* followLasso(
  { problem, fStar, support }: Lasso,
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
      relativeGap: gap / first,
      identified: misplaced === 0 ? supportChanged : null,
    };
  }
  throw new Error("unreachable: a method yields until it is told to stop");
}

/** Full proximal gradient steps on a strongly convex nonnegative lasso: when the zeros are found, and the bound. */
async function identification(
  seed: number,
  signal: AbortSignal,
): Promise<{ found: number; bound: number; delta: number }> {
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
  const run = await blockCoordinateDescent(problem, { ...all, x0, stop: { kkt: 1e-10 * lambda }, signal });
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
    found: run.activeSet?.identifiedAt ?? Number.NaN,
    bound: (L / mu) * Math.log((2 * L * distance) / delta) + 1,
    delta,
  };
}

export default defineExperiment({
  id: "active-set",
  title: "The support is found, and then the optimum at once",
  description:
    "Nonnegative least squares with an L1 penalty: iterations to a relative gap of 1e-8 with exact block models (PN), two-metric projection (TMP) and proximal gradients (PG), on variable and fixed blocks, and when the support is the final one.",
  claims: ["C5"],
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
    {
      id: "gap",
      title: "Distance from the optimum, first data set, blocks of the middle size",
      x: { label: "iteration" },
      y: { label: "f − f*", scale: "log" },
      mark: "line",
      series: labels,
    },
    {
      id: "support",
      title: "Coordinates on the wrong side: 0 that should not be, or not 0 that should be",
      x: { label: "iteration" },
      y: { label: "coordinates" },
      mark: "line",
      series: labels,
    },
    {
      id: "identification",
      title: "Iterations until the zeros are found, full proximal gradient, and the bound",
      x: { label: "seed of the data set" },
      y: { label: "iterations" },
      mark: "dot",
      series: ["found"],
      references: ["bound"],
    },
  ],

  async *run({ parameters: { rows, columns, ratio, sizes, seeds }, seed, signal, stage }) {
    const checks: Check[] = [];
    const tableRows: Record<string, number | string | null>[] = [];
    const used = seedsFrom(seed, seeds);
    const summary: string[] = [];
    const shownSize = sizes[sizes.length >> 1];
    for (const [k, s] of used.entries()) {
      yield progress((0.9 * k) / seeds, `optimum of data set ${k + 1}`);
      const lasso = await lassoOf(rows, columns, s, ratio);
      const support = lasso.support.length;
      for (const [j, size] of sizes.entries()) {
        const runs = new Map<Label, ActiveSetRun>();
        for (const rule of rules) {
          yield progress(
            (0.9 * (k + (j + 0.5) / sizes.length)) / seeds,
            `data set ${k + 1}, |b| = ${size}, ${rule.label}`,
          );
          const run = yield* stage(`${k}, ${size}, ${rule.label}`, () =>
            followLasso(lasso, rule, size, k === 0 && size === shownSize, signal),
          );
          runs.set(rule.label, run);
        }
        const of = (label: Label) => runs.get(label)?.iterations ?? Number.NaN;
        const shown = (label: Label) => (runs.get(label)?.reached ? of(label) : `> ${LIMIT}`);
        tableRows.push({
          data: `${rows} × ${columns}, seed ${s}`,
          ratio: lasso.ratio,
          support,
          delta: lasso.nondegeneracy,
          size,
          ...Object.fromEntries(labels.map((label) => [label, shown(label)])),
          ...Object.fromEntries(
            labels.map((label) => [`${label} identified`, runs.get(label)?.identified ?? null]),
          ),
          residual: lasso.residual,
        });
        const where = `seed ${s}, |b| = ${size}, support ${support}`;
        const newton = runs.get("PN-VB");
        if (!newton) throw new Error("unreachable: every rule has run");
        if (size >= support)
          checks.push(
            check("C5", `${where}: iterations of PN-VB to ${TARGET}`, of("PN-VB"), { atMost: 6 }),
            check("C5", `${where}: relative gap where PN-VB ends`, newton.relativeGap, { atMost: 1e-12 }),
            check("C5", `${where}: PG-VB's iterations over PN-VB's`, of("PG-VB") / of("PN-VB"), {
              atLeast: 8,
            }),
            check("C5", `${where}: PN-FB's iterations over PN-VB's`, of("PN-FB") / of("PN-VB"), {
              atLeast: 5,
            }),
            check("C5", `${where}: iterations of TMP-VB`, of("TMP-VB"), { atMost: 15 }),
            check(
              "C5",
              `${where}: PN-VB's iterations after its support is the optimal one`,
              newton.identified === null ? Number.POSITIVE_INFINITY : newton.iterations - newton.identified,
              { atMost: 2 },
            ),
          );
        else if (size === 5)
          checks.push(
            check("C5", `${where}: PG-VB's iterations over PN-VB's`, of("PG-VB") / of("PN-VB"), {
              atLeast: 1.2,
            }),
          );
        if (size === shownSize)
          summary.push(
            `Seed ${s}, support ${support}, blocks of ${size}: ${labels.map((label) => `${label} ${shown(label)}`).join(", ")} iterations; PN-VB has the final support after ${newton.identified} iterations.`,
          );
        yield table({
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
            { key: "residual", label: "KKT residual of f* over λ" },
          ],
          rows: [...tableRows],
        });
      }
    }

    yield progress(0.95, "identification bound");
    const identified = yield* stage("identification", async function* () {
      const found: { found: number; bound: number; delta: number }[] = [];
      for (const s of seedsFrom(seed, 5)) {
        const one = await identification(s, signal);
        yield point("identification", "found", s, one.found);
        yield point("identification", "bound", s, one.bound);
        found.push(one);
      }
      return found;
    });
    yield progress(1, "done");
    const share = identified.map(({ found, bound }) => bound / found);
    checks.push(
      check(
        "C5",
        "identification by full proximal gradient over its bound, most of 5 data sets",
        1 / Math.min(...share),
        {
          atMost: 1,
        },
      ),
      check(
        "C5",
        "the bound over the identification, most of 5 data sets (else the check is empty)",
        Math.max(...share),
        {
          atMost: 30,
        },
      ),
    );
    const range = (values: readonly number[]) =>
      `${formatFigure(Math.min(...values))} to ${formatFigure(Math.max(...values))}`;
    return {
      checks,
      captions: {
        gap: `Blocks of ${shownSize}. PN on variable blocks ends in the step after its block holds the support; proximal gradients go on linearly.`,
        support: `Blocks of ${shownSize}. Proximal gradients find the support late, fixed blocks later.`,
        identification: `Found at ${range(identified.map(({ found }) => found))}; the bound κ ln(2L‖x₀ − x*‖/δ) + 1 is ${range(identified.map(({ bound }) => bound))}, with δ from ${range(identified.map(({ delta }) => delta))}.`,
      },
      summary,
    };
  },
});
