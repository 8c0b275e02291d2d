import { denseMatrix, multiply, multiplyTransposed } from "gradus/linalg";
import {
  type BlockProblem,
  blockCoordinateDescent,
  blockCoordinateIterates,
  blockLogistic,
  nonnegativeL1,
} from "gradus/optimize";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { check, formatFigure } from "../check.ts";
import { defineExperiment, points, progress, table } from "../experiment.ts";
import { seedsFrom } from "./follow.ts";

const TARGET = 1e-8;

/** Nonnegative L1 logistic regression with ten true weights, and its lambda. */
function sparseLogistic(m: number, n: number, seed: number): { problem: BlockProblem; lambda: number } {
  const stream = randomStream(seed).split("sparse logistic");
  const values = stream.split("A").fillNormal(new Float64Array(m * n));
  const w = new Float64Array(n);
  const size = stream.split("weights");
  for (const j of stream.split("places").permutation(n).subarray(0, 10))
    w[j] = 0.5 + 2 * Math.abs(size.normal());
  const noise = stream.split("noise");
  const y = multiply(denseMatrix(values, m, n), w).map((score) =>
    score + 0.5 * noise.normal() >= 0 ? 1 : -1,
  );
  const lambda = (0.3 * Math.max(...multiplyTransposed(denseMatrix(values, m, n), y))) / 2;
  return { problem: nonnegativeL1(blockLogistic({ rows: m, columns: n, values }, y), lambda), lambda };
}

/** f - f* along a run, until it is 1e-12 of the first or the limit is reached. */
async function gapsOf(
  problem: BlockProblem,
  fStar: number,
  options: Parameters<typeof blockCoordinateIterates>[1],
  limit: number,
): Promise<Float64Array> {
  const gaps: number[] = [];
  for await (const { iteration, value } of blockCoordinateIterates(problem, options)) {
    gaps.push(value - fStar);
    if (iteration === limit || gaps[iteration] <= 1e-12 * gaps[0]) break;
  }
  return Float64Array.from(gaps);
}

const reach = (gaps: Float64Array, share: number) => {
  const at = gaps.findIndex((gap) => gap <= share * gaps[0]);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
};

/** The last decrease in decades over the one before it, among iterates whose relative gap is above 1e-10. */
export function acceleration(gaps: Float64Array): number {
  const used = gaps.filter((gap) => gap > 1e-10 * gaps[0]).map(Math.log10);
  const last = used.length - 1;
  return (used[last - 1] - used[last]) / (used[last - 2] - used[last - 1]);
}

export default defineExperiment({
  id: "superlinear",
  title: "Superlinear convergence once the support is known",
  description:
    "Nonnegative L1 logistic regression, 300 × 600 with a handful of weights, greedy variable blocks of 60 that can hold the support: the decrease of each iteration with exact block models (PN) and with proximal gradients (PG).",
  claims: ["C5"],
  parameters: z.object({
    rows: z.int().min(50).max(2000).default(300).describe("rows of A"),
    columns: z.int().min(100).max(5000).default(600).describe("columns of A"),
    blockSize: z.int().min(10).max(500).default(60).describe("coordinates in a block"),
    seeds: z.int().min(1).max(20).default(3).describe("data sets"),
  }),
  profiles: { quick: {}, full: { seeds: 10 } },
  seconds: { quick: 1, full: 2 },
  plots: [
    {
      id: "gap",
      title: "Distance from the optimum, first data set",
      x: { label: "iteration" },
      y: { label: "f − f*", scale: "log" },
      mark: "line",
      series: ["PN", "PG"],
    },
  ],

  async *run({ parameters: { rows, columns, blockSize, seeds }, seed, signal, stage }) {
    const newton: Float64Array[] = [];
    const gradient: Float64Array[] = [];
    const tableRows: Record<string, number | string | null>[] = [];
    for (const [k, s] of seedsFrom(seed, seeds).entries()) {
      yield progress(k / seeds, `data set ${k + 1} of ${seeds}`);
      const { pn, pg, support } = yield* stage(`${k}`, async function* () {
        const { problem, lambda } = sparseLogistic(rows, columns, s);
        const best = await blockCoordinateDescent(problem, {
          blockSize: Math.min(columns, 2 * blockSize),
          stop: { kkt: 1e-11 * lambda },
          maxIterations: 1000,
          signal,
        });
        const pn = await gapsOf(problem, best.value, { blockSize, update: "projected-newton", signal }, 60);
        const pg = await gapsOf(problem, best.value, { blockSize, update: "prox", signal }, 300);
        if (k === 0)
          for (const [label, gaps] of [
            ["PN", pn],
            ["PG", pg],
          ] as const)
            yield points(
              "gap",
              label,
              Array.from(gaps, (y, x) => ({ x, y })).filter(({ y }) => y > 0),
            );
        return { pn, pg, support: best.activeSet?.support.length ?? 0 };
      });
      newton.push(pn);
      gradient.push(pg);
      tableRows.push({
        data: `${rows} × ${columns}, seed ${s}`,
        support,
        pn: reach(pn, 1e-10),
        pg: reach(pg, TARGET),
        pnFaster: acceleration(pn),
        pgFaster: acceleration(pg),
        gaps: Array.from(pn, (gap) => gap.toExponential(1)).join(", "),
      });
      yield table({
        id: "runs",
        title: "Every data set",
        columns: [
          { key: "data", label: "data" },
          { key: "support", label: "weights in the optimum" },
          { key: "pn", label: "PN: iterations to 1e-10" },
          { key: "pg", label: `PG: iterations to ${TARGET}` },
          { key: "pnFaster", label: "PN: last decrease over the one before" },
          { key: "pgFaster", label: "PG: last decrease over the one before" },
          { key: "gaps", label: "PN: f − f*" },
        ],
        rows: [...tableRows],
      });
    }
    yield progress(1, "done");
    const least = Math.min(...newton.map(acceleration));
    const ratios = newton.map((gaps, k) => reach(gradient[k], TARGET) / reach(gaps, TARGET));
    const most = Math.max(...newton.map((gaps) => reach(gaps, 1e-10)));
    return {
      checks: [
        check("C5", `PN: last decrease in decades over the one before, least of ${seeds} data sets`, least, {
          atLeast: 1.5,
        }),
        check("C5", `PN: iterations to 1e-10, most of ${seeds} data sets`, most, { atMost: 8 }),
        check(
          "C5",
          `PG: iterations to ${TARGET} over PN's, least of ${seeds} data sets`,
          Math.min(...ratios),
          {
            atLeast: 3,
          },
        ),
        check(
          "C5",
          `control, PG: last decrease in decades over the one before, most of ${seeds} data sets`,
          Math.max(...gradient.map(acceleration)),
          { below: 1.3 },
        ),
      ],
      captions: {
        gap: `PN: ${Array.from(newton[0], (gap) => formatFigure(Math.max(gap, 0))).join(", ")}. PG falls by the same factor at every step.`,
      },
      summary: [
        `PN is at 1e-10 after at most ${most} iterations and its last decrease is at least ${formatFigure(least)} times the one before, in decades; PG needs ${formatFigure(Math.min(...ratios))} to ${formatFigure(Math.max(...ratios))} times as many iterations to ${TARGET}.`,
      ],
    };
  },
});
