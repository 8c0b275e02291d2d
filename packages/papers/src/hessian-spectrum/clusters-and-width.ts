import { exactSpectrum, lossHessianOperator, spectrumStatistics } from "gradus/curvature";
import { median } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, type ExperimentRun, point, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { compiledByShape } from "./by-shape.ts";
import { orderedSizes } from "./ordered.ts";
import { clusterProblem } from "./problems.ts";
import { compileDescent } from "./training.ts";

const clusterCounts = [2, 4, 6, 8, 10, 12] as const;
const widths = [5, 10, 20, 40, 80] as const;
const spreads = [0.05, 0.1, 0.2] as const;
/** Clusters where width and spread are varied. */
const few = 4;
const outlierLevel = 0.03;
const parametersOf = (hidden: number): number => 22 * hidden + 1;
const ofSize = (hidden: number): string => `M = ${parametersOf(hidden)}`;
const negativeOf = (name: string): string => `${name}, negative`;
const COUNTED = `after ${few}, the number of clusters`;
/** Rows of every data set. */
const rowCount = 200;

interface Trained {
  readonly loss: number;
  readonly gradientNorm: number;
  /** Of the Hessian where training ended, descending. */
  readonly eigenvalues: Float64Array;
}

interface Run {
  readonly part: "clusters" | "width" | "spread";
  readonly clusters: number;
  readonly spread: number;
  readonly hidden: number;
  readonly seed: number;
}

const statisticsOf = (eigenvalues: Float64Array, clusters: number) =>
  // every eigenvalue below 0 is counted, however small
  spectrumStatistics(eigenvalues, { outlierLevel, maxOutliers: 3 * clusters, rankTolerance: 0 });

/** A figure that is only shown in a table, to six digits. */
const brief = (value: number): number => Number(value.toPrecision(6));

/** The figures kept from a run and its spectrum. */
function summarized({ eigenvalues, loss, gradientNorm, ...run }: Run & Trained) {
  const { part, clusters } = run;
  const s = statisticsOf(eigenvalues, clusters);
  const M = eigenvalues.length;
  const sizes = eigenvalues.map(Math.abs).sort().reverse();
  return {
    ...run,
    M,
    loss: brief(loss),
    gradient: brief(gradientNorm),
    gap: s.gap?.outliers ?? null,
    ratio: s.gap ? brief(s.gap.ratio) : null,
    level: s.outliersByLevel,
    share: brief(s.outlierTrace),
    negative: s.negative,
    most: s.mostNegative,
    /** The largest eigenvalue; over the widths, those that count the clusters. */
    top: Array.from(eigenvalues.subarray(0, part === "width" ? few : 1)),
    /** λ_(c+1). */
    next: eigenvalues[clusters],
    /** λ_c/λ_(c+1). */
    edge: eigenvalues[clusters - 1] / eigenvalues[clusters],
    /** The largest |eigenvalue| after the first N, over the largest eigenvalue. */
    rest: part === "width" && M > rowCount ? sizes[rowCount] / s.largest : null,
  };
}
type Row = ReturnType<typeof summarized>;

/** The ratio of the largest to the smallest. */
const factor = (values: readonly number[]): number => Math.max(...values) / Math.min(...values);

/** For each spread, medians over the seeds. */
const mediansOf = (rows: readonly Row[]) =>
  spreads.map((spread) => {
    const own = rows.filter((row) => row.part === "spread" && row.spread === spread);
    return {
      spread,
      largest: median(own.map(({ top }) => top[0])),
      next: median(own.map(({ next }) => next)),
    };
  });

function figuresOf(rows: readonly Row[]) {
  const byClusters = rows.filter(({ part }) => part === "clusters");
  const byWidth = rows.filter(({ part }) => part === "width");
  const seeds = [...new Set(byWidth.map(({ seed }) => seed))];
  const medians = mediansOf(rows);
  return {
    byClusters,
    counted: byClusters.filter(({ gap, clusters }) => gap === clusters).length,
    gaps: byClusters.map(({ edge }) => edge),
    byWidth,
    four: byWidth.filter(({ level }) => level === few).length,
    /** For each outlier, the largest factor between widths, over the seeds. */
    moved: Array.from({ length: few }, (_, j) =>
      Math.max(
        ...seeds.map((s) => factor(byWidth.filter(({ seed }) => seed === s).map(({ top }) => top[j]))),
      ),
    ),
    grown: medians[medians.length - 1].next / medians[0].next,
    largestMoved: factor(medians.map(({ largest }) => largest)),
    mostNegative: Math.max(...rows.map(({ most }) => most)),
    negativeShare: median(rows.map(({ negative, M }) => negative / M)),
    rest: Math.max(...rows.flatMap(({ rest }) => rest ?? [])),
    sizes: [...new Set(byWidth.map(({ M }) => M))],
  };
}

export default defineExperiment({
  description:
    "Trains scalar tanh networks by gradient descent on c tight clusters (squared loss), computes the full Hessian and counts its outliers: against c, against the number of parameters, and against the clusters’ spread.",
  parameters: z.object({
    steps: z.int().min(100).max(100_000).default(3000).describe("steps of gradient descent, rate 0.05"),
    seeds: z
      .int()
      .min(1)
      .max(10)
      .default(3)
      .describe("seeds of data and weights; two at most for the widths"),
    widest: z
      .int()
      .min(10)
      .max(80)
      .default(80)
      .describe("most hidden units: 21 parameters and one each, and one"),
  }),
  profiles: { quick: { widest: 40 }, full: {} },
  seconds: { quick: 12, full: 45 },
  plots: [
    dotPlot(
      "spectrum",
      `Ordered eigenvalues for ${few} clusters, by the number of parameters`,
      logAxis("number of the eigenvalue"),
      logAxis("eigenvalue, or its size where negative"),
      {
        references: [COUNTED],
        variants: Object.fromEntries(widths.map((h) => [negativeOf(ofSize(h)), ofSize(h)])),
      },
    ),
    dotPlot("clusters", "Outliers against clusters", "clusters c", "eigenvalues before the largest gap", {
      series: ["outliers"],
      references: ["c"],
    }),
    dotPlot(
      "width",
      "Outliers against parameters",
      logAxis("parameters M"),
      `eigenvalues above ${outlierLevel} of the largest`,
      { series: ["outliers"], references: ["clusters"] },
    ),
    dotPlot("bulk", "Share of the bulk", logAxis("parameters M"), "share of eigenvalues in the bulk", {
      series: ["bulk"],
      references: ["1 − 4/M"],
    }),
    linePlot(
      "spread",
      "Eigenvalues against the clusters’ spread",
      logAxis("spread of a cluster"),
      logAxis("eigenvalue, median over seeds"),
      { series: ["largest", `number ${few + 1}: the bulk's edge`] },
    ),
  ],

  async *measure({ parameters: { steps, seeds, widest }, seed, signal, stage, resumable }) {
    const each = repeatSeeds(seed, seeds);
    const runs = (part: Run["part"], hidden: number, clusters: number, spread: number, of = each): Run[] =>
      of.map((s) => ({ part, hidden, clusters, spread, seed: s }));
    const used = widths.filter((h) => h <= widest);
    const all = [
      ...clusterCounts.flatMap((c) => runs("clusters", 10, c, 0.05)),
      ...used.flatMap((h) => runs("width", h, few, 0.1, each.slice(0, 2))),
      ...spreads.flatMap((spread) => runs("spread", 10, few, spread)),
    ];
    using descents = compiledByShape((problem) => compileDescent(problem, 0.05));
    using hessians = compiledByShape(lossHessianOperator);

    /** What a run of the widths adds to the plots. */
    function* drawnWidth(row: Row, eigenvalues: Float64Array) {
      const { M, clusters, level, hidden } = row;
      yield point("width", "outliers", M, level);
      yield point("bulk", "bulk", M, statisticsOf(eigenvalues, clusters).bulkShare);
      if (row.seed !== each[0]) return;
      yield point("width", "clusters", M, few);
      yield point("bulk", "1 − 4/M", M, 1 - few / M);
      const { positive, negative } = orderedSizes(eigenvalues);
      yield points("spectrum", ofSize(hidden), positive);
      if (hidden === used[used.length - 1]) yield points("spectrum", negativeOf(ofSize(hidden)), negative);
    }

    yield curve("clusters", "c", clusterCounts, (c) => ({ x: c, y: c }));
    const rows: Row[] = [];
    const heights: number[] = [];
    for (const [done, run] of all.entries()) {
      const { hidden, clusters, spread } = run;
      const name = `c = ${clusters}, h = ${hidden}, spread ${spread}, seed ${run.seed}`;
      // Two parts share some runs: a finished stage is not run again.
      const trained = yield* stage(name, async function* (): ExperimentRun<Trained> {
        yield progress(done / all.length, name);
        const problem = clusterProblem(hidden, { clusters, spread, seed: run.seed, rows: rowCount });
        const descent = await descents.of(problem);
        const { parameters, loss, gradientNorm } = yield* descent.run(problem, { steps, signal, resumable });
        const H = (await hessians.of(problem)).at({ parameters, data: problem.data });
        return { loss, gradientNorm, eigenvalues: await exactSpectrum(H, { signal }) };
      });
      const row = summarized({ ...run, ...trained });
      rows.push(row);
      if (run.part === "clusters") yield point("clusters", "outliers", clusters, row.gap ?? 0);
      if (run.part !== "width") continue;
      yield* drawnWidth(row, trained.eigenvalues);
      heights.push(...orderedSizes(trained.eigenvalues).positive.map(({ y }) => y));
    }
    yield curve("spectrum", COUNTED, [Math.min(...heights), Math.max(...heights)], (y) => ({
      x: few + 0.5,
      y,
    }));
    for (const { spread, largest, next } of mediansOf(rows)) {
      yield point("spread", "largest", spread, largest);
      yield point("spread", `number ${few + 1}: the bulk's edge`, spread, next);
    }
    return rows;
  },

  judge(rows) {
    const { byClusters, counted, gaps, byWidth, four, moved, grown, largestMoved, mostNegative, rest } =
      figuresOf(rows);
    return [
      check(
        "C1",
        "smallest gap λ_c/λ_(c+1)",
        Math.min(...gaps),
        { atLeast: 2 },
        criterion("“away from the bulk” is at least twice its edge"),
      ),
      check(
        "C1",
        "largest |λ min|/λ₁",
        mostNegative,
        { atMost: 0.01 },
        criterion("“near zero” is two orders of magnitude below the largest eigenvalue"),
      ),
      check(
        "C2",
        `share of runs with ${few} eigenvalues above ${outlierLevel} λ₁, over the widths`,
        four / byWidth.length,
        { equals: 1 },
        criterion("“the same outliers”: four clusters give four at every width"),
      ),
      check(
        "C2",
        `largest factor by which one of ${few} outliers changes over the widths`,
        Math.max(...moved),
        { atMost: 2 },
        criterion("“the same outliers” stay within a factor of 2"),
      ),
      check(
        "C3",
        "share of runs whose largest gap follows λ_c",
        counted / byClusters.length,
        { equals: 1 },
        criterion("“more clusters, more outliers”: one for each cluster, in every run"),
      ),
      check(
        "C3",
        `growth of λ_${few + 1} from spread 0.05 to 0.2`,
        grown,
        { atLeast: 2 },
        criterion("less separable data lift further eigenvalues out of the bulk if these at least double"),
      ),
      check(
        "C6",
        "largest size of eigenvalue N + 1 over λ₁, networks with M > N",
        rest,
        { atMost: 1e-3 },
        criterion("“nearly singular” is three orders of magnitude below the largest eigenvalue"),
      ),
      ourCheck(
        "factor by which λ₁ changes from spread 0.05 to 0.2",
        largestMoved,
        { below: 2 },
        criterion("the centers stay in place, so the largest eigenvalue stays within a factor of 2"),
      ),
    ];
  },

  present(rows) {
    const {
      byClusters,
      counted,
      gaps,
      four,
      byWidth,
      moved,
      grown,
      largestMoved,
      mostNegative,
      negativeShare,
      rest,
      sizes,
    } = figuresOf(rows);
    const extent = `${sizes[0]} to ${sizes[sizes.length - 1]} parameters`;
    const [least, most] = [Math.min(...gaps), Math.max(...gaps)].map(formatRounded);
    return {
      headline: `${counted} of ${byClusters.length} networks have one outlier for each cluster of the data, ${least} to ${most} times as large as the next eigenvalue.`,
      captions: {
        spectrum:
          "Left of the dashed line are the first four eigenvalues, one for each cluster; to its right is the bulk, to which wider networks add.",
        clusters: `In ${counted} of ${byClusters.length} runs the largest gap follows as many eigenvalues as there are clusters.`,
        width: `${four} of ${byWidth.length} networks of ${extent} have four outliers for four clusters.`,
        bulk: "The bulk is everything but the outliers: with four of these its share is 1 − 4/M.",
        spread: `From spread 0.05 to 0.2 the bulk’s edge grows by a factor of ${formatRounded(grown)}; the largest eigenvalue changes by a factor of ${formatRounded(largestMoved)}.`,
      },
      summary: [
        `Tight clusters give the Gauss-Newton matrix one eigenvalue of order 1 each: ${counted} of ${byClusters.length} runs have exactly c outliers, with gaps of ${least} to ${most}.`,
        `About ${formatRounded(100 * negativeShare)}% of the eigenvalues are negative, but none is below −${formatRounded(mostNegative)} λ₁: they come from the residuals. Beyond the first N = ${rowCount}, no eigenvalue is larger in size than ${formatRounded(rest)} λ₁.`,
        `${four} of ${byWidth.length} networks of different width have four outliers, but not at the same values: over ${extent} the largest changes by a factor of up to ${formatRounded(moved[0])}, the ${few}th by up to ${formatRounded(moved[few - 1])}.`,
      ],
      tables: [
        tableOf(
          "runs",
          "Every run at the end of training",
          {
            clusters: "c",
            spread: "spread",
            M: "M",
            seed: "seed",
            loss: "loss",
            gradient: "gradient norm",
            gap: "outliers by gap",
            ratio: "gap ratio",
            level: `above ${outlierLevel} λ₁`,
            largest: "λ₁",
            share: "outliers’ share of the trace",
            negative: "share below 0",
            most: "|λ min|/λ₁",
          },
          rows.map((row) => ({ ...row, largest: row.top[0], negative: row.negative / row.M })),
        ),
      ],
    };
  },
});
