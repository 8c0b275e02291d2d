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
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";

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
): Promise<number[]> {
  const gaps: number[] = [];
  for await (const { iteration, value } of blockCoordinateIterates(problem, options)) {
    gaps.push(value - fStar);
    if (iteration === limit || gaps[iteration] <= 1e-12 * gaps[0]) break;
  }
  return gaps;
}

const reach = (gaps: readonly number[], share: number) => {
  const at = gaps.findIndex((gap) => gap <= share * gaps[0]);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
};

/** The last decrease in decades over the one before it, among iterates whose relative gap is above 1e-10. */
export function acceleration(gaps: readonly number[]): number {
  const used = gaps.filter((gap) => gap > 1e-10 * gaps[0]).map(Math.log10);
  const last = used.length - 1;
  return (used[last - 1] - used[last]) / (used[last - 2] - used[last - 1]);
}

/** One data set. */
interface SuperlinearSet {
  readonly data: string;
  /** Weights in the optimum. */
  readonly support: number;
  /** f − f* of PN, iteration by iteration. */
  readonly pnGaps: readonly number[];
  /** Iterations to the target. */
  readonly pn: number;
  readonly pg: number;
  /** The last decrease in decades over the one before. */
  readonly pnFaster: number;
  readonly pgFaster: number;
}

export default defineExperiment({
  description:
    "Nonnegative L1 logistic regression, 300 × 600 with a handful of weights, greedy variable blocks of 60 that can hold the support: the decrease of each iteration with exact block models (PN) and with proximal gradients (PG).",
  parameters: z.object({
    rows: z.int().min(50).max(2000).default(300).describe("rows of A"),
    columns: z.int().min(100).max(5000).default(600).describe("columns of A"),
    blockSize: z.int().min(10).max(500).default(60).describe("coordinates in a block"),
    seeds: z.int().min(1).max(20).default(3).describe("data sets"),
  }),
  profiles: { quick: {}, full: { seeds: 10 } },
  seconds: { quick: 1, full: 2 },
  plots: [
    linePlot("gap", "Distance from the optimum, first data set", "iteration", logAxis("f − f*"), {
      series: ["PN", "PG"],
    }),
  ],

  async *measure({ parameters: { rows, columns, blockSize, seeds }, seed, signal, stage }) {
    const sets: SuperlinearSet[] = [];
    for (const [k, s] of repeatSeeds(seed, seeds, 0).entries()) {
      yield progress(k / seeds, `data set ${k + 1} of ${seeds}`);
      sets.push(
        yield* stage(`${k}`, async function* () {
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
                gaps.map((y, x) => ({ x, y })).filter(({ y }) => y > 0),
              );
          return {
            data: `${rows} × ${columns}, seed ${s}`,
            support: best.activeSet?.support.length ?? 0,
            pnGaps: pn,
            pn: reach(pn, TARGET),
            pg: reach(pg, TARGET),
            pnFaster: acceleration(pn),
            pgFaster: acceleration(pg),
          };
        }),
      );
    }
    return { sets };
  },

  judge({ sets }) {
    const of = `${sets.length} data sets`;
    return [
      check(
        "C5",
        `PN: last decrease in decades over the one before, smallest of ${of}`,
        Math.min(...sets.map(({ pnFaster }) => pnFaster)),
        { atLeast: 1.5 },
        criterion("linear convergence has 1 here and quadratic 2; superlinear is at least halfway"),
      ),
      check(
        "C5",
        `iterations of PG to ${TARGET} of the initial gap over those of PN, smallest of ${of}`,
        Math.min(...sets.map(({ pn, pg }) => pg / pn)),
        { atLeast: 2 },
        criterion("superlinear stands apart from linear by at least twice the iterations"),
      ),
      ourCheck(
        `PG: last decrease in decades over the one before, largest of ${of}`,
        Math.max(...sets.map(({ pgFaster }) => pgFaster)),
        { below: 1.5 },
        criterion("a control: gradient steps must not pass for superlinear"),
      ),
    ];
  },

  present({ sets }) {
    const least = formatRounded(Math.min(...sets.map(({ pnFaster }) => pnFaster)));
    const most = Math.max(...sets.map(({ pn }) => pn));
    const ratios = sets.map(({ pn, pg }) => pg / pn);
    const [low, high] = [Math.min(...ratios), Math.max(...ratios)].map(formatRounded);
    return {
      headline: `Newton-type block steps (PN) reach ${TARGET} of the initial gap in at most ${formatRounded(most)} iterations; proximal gradients (PG) take ${low} to ${high} times as many.`,
      captions: {
        gap: `PN: ${sets[0].pnGaps.map((gap) => formatRounded(Math.max(gap, 0))).join(", ")}. With PG the gap falls by about the same factor at every step.`,
      },
      summary: [
        `PN’s last decrease is at least ${least} times the one before it, in decades; linear convergence would have 1.`,
      ],
      tables: [
        tableOf(
          "runs",
          "Every data set",
          {
            ...{ data: "data", support: "weights in the optimum" },
            ...{ pn: `PN: iterations to ${TARGET}`, pg: `PG: iterations to ${TARGET}` },
            ...{ pnFaster: "PN: last decrease over the one before" },
            ...{ pgFaster: "PG: last decrease over the one before", gaps: "PN: f − f*" },
          },
          sets.map(({ pnGaps, ...row }) => ({
            ...row,
            gaps: pnGaps.map((gap) => gap.toExponential(1)).join(", "),
          })),
        ),
      ],
    };
  },
});
