import { exactSpectrum, lossHessianOperator, spectrumStatistics } from "gradus/curvature";
import { median } from "gradus/statistics";
import { z } from "zod";
import { check, formatFigure } from "../check.ts";
import { defineExperiment, type ExperimentRun, point, points, progress, table } from "../experiment.ts";
import { compiledByShape } from "./by-shape.ts";
import { orderedSizes } from "./ordered.ts";
import { type ClusteredRegressionOptions, clusterProblem } from "./problems.ts";
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

interface Measured {
  readonly loss: number;
  readonly gradientNorm: number;
  /** Of the Hessian where training ended, descending. */
  readonly eigenvalues: Float64Array;
}

interface Row extends Measured {
  readonly clusters: number;
  readonly spread: number;
  readonly hidden: number;
  readonly seed: number;
}

const statisticsOf = ({ eigenvalues, clusters }: Row) =>
  spectrumStatistics(eigenvalues, { outlierLevel, maxOutliers: 3 * clusters });

/** The ratio of the largest to the smallest. */
const factor = (values: readonly number[]): number => Math.max(...values) / Math.min(...values);

export default defineExperiment({
  id: "clusters-and-width",
  title: "The outliers count the clusters, at every width",
  description:
    "Trains scalar tanh networks by gradient descent on c tight clusters (squared loss), writes out the Hessian and counts its outliers: against c, against the number of parameters, and against the clusters' spread.",
  claims: ["C1", "C2", "C3"],
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
    {
      id: "spectrum",
      title: `Ordered eigenvalues for ${few} clusters, by the number of parameters`,
      x: { label: "number of the eigenvalue", scale: "log" },
      y: { label: "eigenvalue, or its size where negative", scale: "log" },
      mark: "dot",
      references: [COUNTED],
      variants: Object.fromEntries(widths.map((h) => [negativeOf(ofSize(h)), ofSize(h)])),
    },
    {
      id: "clusters",
      title: "Outliers against clusters",
      x: { label: "clusters c" },
      y: { label: "eigenvalues before the largest gap" },
      mark: "dot",
      series: ["outliers"],
      references: ["c"],
    },
    {
      id: "width",
      title: "Outliers against parameters",
      x: { label: "parameters M", scale: "log" },
      y: { label: `eigenvalues above ${outlierLevel} of the largest` },
      mark: "dot",
      series: ["outliers"],
      references: ["clusters"],
    },
    {
      id: "bulk",
      title: "Share of the bulk",
      x: { label: "parameters M", scale: "log" },
      y: { label: "share of eigenvalues in the bulk" },
      mark: "dot",
      series: ["bulk"],
      references: ["1 − 4/M"],
    },
    {
      id: "spread",
      title: "What the clusters' spread moves",
      x: { label: "spread of a cluster", scale: "log" },
      y: { label: "eigenvalue, median over seeds", scale: "log" },
      mark: "line",
      series: ["largest", `number ${few + 1}: the bulk's edge`],
    },
  ],

  async *run({ parameters, seed, signal, stage }) {
    const { steps, seeds, widest } = parameters;
    const each = Array.from({ length: seeds }, (_, k) => seed + k);
    const runs = (hidden: number, clusters: number, spread: number, of: readonly number[]) =>
      of.map((s) => ({ hidden, clusters, spread, seed: s }));
    const byClusters = clusterCounts.flatMap((c) => runs(10, c, 0.05, each));
    const used = widths.filter((h) => h <= widest);
    const byWidth = used.flatMap((h) => runs(h, few, 0.1, each.slice(0, 2)));
    const bySpread = spreads.flatMap((spread) => runs(10, few, spread, each));
    using descents = compiledByShape((problem) => compileDescent(problem, 0.05));
    using hessians = compiledByShape(lossHessianOperator);
    const measure = async (hidden: number, options: ClusteredRegressionOptions): Promise<Measured> => {
      const problem = clusterProblem(hidden, options);
      const descent = await descents.of(problem);
      const { parameters, loss, gradientNorm } = await descent.run(problem, { steps, signal });
      const H = (await hessians.of(problem)).at({ parameters, data: problem.data });
      return { loss, gradientNorm, eigenvalues: await exactSpectrum(H, { signal }) };
    };
    const total = byClusters.length + byWidth.length + bySpread.length;
    let done = 0;

    async function* all(of: readonly Omit<Row, keyof Measured>[]): ExperimentRun<Row[]> {
      const rows: Row[] = [];
      for (const run of of) {
        const { hidden, clusters, spread, seed: s } = run;
        const name = `c = ${clusters}, h = ${hidden}, spread ${spread}, seed ${s}`;
        // Two parts share some runs: a stage that is there is not run again.
        const measured = yield* stage(name, async function* () {
          yield progress(done / total, name);
          return measure(hidden, { clusters, spread, seed: s });
        });
        done += 1;
        rows.push({ ...run, ...measured });
      }
      return rows;
    }

    yield points(
      "clusters",
      "c",
      clusterCounts.map((c) => ({ x: c, y: c })),
    );
    const clusterRows = yield* all(byClusters);
    for (const row of clusterRows)
      yield point("clusters", "outliers", row.clusters, statisticsOf(row).gap?.outliers ?? 0);

    const widthRows = yield* all(byWidth);
    for (const row of widthRows) {
      const M = row.eigenvalues.length;
      const { outliersByLevel, bulkShare } = statisticsOf(row);
      yield point("width", "outliers", M, outliersByLevel);
      yield point("bulk", "bulk", M, bulkShare);
      if (row.seed !== seed) continue;
      yield point("width", "clusters", M, few);
      yield point("bulk", "1 − 4/M", M, 1 - few / M);
      const { positive, negative } = orderedSizes(row.eigenvalues);
      yield points("spectrum", ofSize(row.hidden), positive);
      if (row.hidden === used[used.length - 1])
        yield points("spectrum", negativeOf(ofSize(row.hidden)), negative);
    }

    const drawn = widthRows.flatMap(({ eigenvalues }) => orderedSizes(eigenvalues).positive);
    const heights = drawn.map(({ y }) => y);
    yield points(
      "spectrum",
      COUNTED,
      [Math.min(...heights), Math.max(...heights)].map((y) => ({ x: few + 0.5, y })),
    );

    const spreadRows = yield* all(bySpread);
    const medians = spreads.map((spread) => {
      const rows = spreadRows.filter((row) => row.spread === spread);
      return {
        spread,
        largest: median(rows.map(({ eigenvalues }) => eigenvalues[0])),
        next: median(rows.map(({ eigenvalues }) => eigenvalues[few])),
      };
    });
    for (const { spread, largest, next } of medians) {
      yield point("spread", "largest", spread, largest);
      yield point("spread", `number ${few + 1}: the bulk's edge`, spread, next);
    }

    const rows = [...clusterRows, ...widthRows, ...spreadRows];
    yield table({
      id: "runs",
      title: "Every run at the end of training",
      columns: [
        { key: "clusters", label: "c" },
        { key: "spread", label: "spread" },
        { key: "M", label: "M" },
        { key: "seed", label: "seed" },
        { key: "loss", label: "loss" },
        { key: "gradient", label: "gradient norm" },
        { key: "gap", label: "outliers by gap" },
        { key: "ratio", label: "gap ratio" },
        { key: "level", label: `above ${outlierLevel} λ₁` },
        { key: "largest", label: "λ₁" },
        { key: "share", label: "outliers' share of the trace" },
        { key: "negative", label: "share below 0" },
        { key: "most", label: "|λ min|/λ₁" },
      ],
      rows: rows.map((row) => {
        const s = statisticsOf(row);
        return {
          clusters: row.clusters,
          spread: row.spread,
          M: row.eigenvalues.length,
          seed: row.seed,
          loss: row.loss,
          gradient: row.gradientNorm,
          gap: s.gap?.outliers ?? null,
          ratio: s.gap?.ratio ?? null,
          level: s.outliersByLevel,
          largest: s.largest,
          share: s.outlierTrace,
          negative: s.negative / row.eigenvalues.length,
          most: s.mostNegative,
        };
      }),
    });

    const exact = clusterRows.filter((row) => statisticsOf(row).gap?.outliers === row.clusters).length;
    const ratios = clusterRows.map(
      ({ eigenvalues, clusters }) => eigenvalues[clusters - 1] / eigenvalues[clusters],
    );
    const four = widthRows.filter((row) => statisticsOf(row).outliersByLevel === few).length;
    const missing = widthRows.map((row) => {
      const M = row.eigenvalues.length;
      return Math.abs(Math.round(statisticsOf(row).bulkShare * M) - (M - few));
    });
    /** For each outlier, a factor a seed. */
    const moved = Array.from({ length: few }, (_, j) =>
      each.slice(0, 2).map((s) => {
        const ofSeed = widthRows.filter((row) => row.seed === s);
        return factor(ofSeed.map(({ eigenvalues }) => eigenvalues[j]));
      }),
    );
    const anyMoved = Math.max(...moved.flat());
    const grown = medians[medians.length - 1].next / medians[0].next;
    const largestMoved = factor(medians.map(({ largest }) => largest));
    const mostNegative = Math.max(...rows.map((row) => statisticsOf(row).mostNegative));
    const negativeShare = median(rows.map((row) => statisticsOf(row).negative / row.eigenvalues.length));
    const sizes = used.map(parametersOf);
    const extent = `M = ${sizes[0]} to ${sizes[sizes.length - 1]}`;
    yield progress(1, "done");
    return {
      checks: [
        check("C3", `runs whose largest gap is behind eigenvalue c, of ${clusterRows.length}`, exact, {
          equals: clusterRows.length,
        }),
        check("C1", "smallest ratio λ_c/λ_(c+1) over all numbers of clusters", Math.min(...ratios), {
          atLeast: 8,
        }),
        check("C1", "largest |λ min|/λ₁ of all runs", mostNegative, { atMost: 0.01 }),
        check("C2", `runs with exactly 4 outliers by level, of ${widthRows.length} widths and seeds`, four, {
          equals: widthRows.length,
        }),
        check("C2", "most eigenvalues by which a bulk differs from M − 4", Math.max(...missing), {
          equals: 0,
        }),
        check("C2", `factor by which the largest eigenvalue moves, ${extent}`, Math.max(...moved[0]), {
          below: 6,
        }),
        check("C2", `largest factor by which any of the ${few} outliers moves, ${extent}`, anyMoved, {
          below: 6,
        }),
        check("C3", "growth of λ_5 from spread 0.05 to 0.2", grown, { atLeast: 4 }),
        check("C3", "factor by which λ₁ moves from spread 0.05 to 0.2", largestMoved, { below: 2 }),
      ],
      captions: {
        spectrum:
          "The first four eigenvalues, left of the dashed line, stand apart at every width; what more parameters add is the bulk below them.",
        clusters: `In ${exact} of ${clusterRows.length} runs the largest gap comes after as many eigenvalues as there are clusters.`,
        width: `Four clusters, four outliers, from ${sizes[0]} to ${sizes[sizes.length - 1]} parameters.`,
        bulk: "All eigenvalues but four are in the bulk, so its share goes to 1.",
        spread: `From spread 0.05 to 0.2 the bulk's edge grows by ${formatFigure(grown)}, the largest eigenvalue moves by a factor ${formatFigure(largestMoved)}.`,
      },
      summary: [
        `Tight clusters give the Gauss-Newton matrix one eigenvalue of order 1 for each: ${exact} of ${clusterRows.length} runs have exactly c outliers, with a gap of ${formatFigure(Math.min(...ratios))} to ${formatFigure(Math.max(...ratios))}.`,
        `About ${formatFigure(100 * negativeShare)} % of the eigenvalues are negative, but none is below −${formatFigure(mostNegative)} λ₁: they come from what the residuals leave.`,
        `The number of outliers does not change with the width, their places do: from ${extent} the largest moves by a factor ${formatFigure(Math.max(...moved[0]))}, the ${few}th by ${formatFigure(Math.max(...moved[few - 1]))}.`,
      ],
    };
  },
});
