import { z } from "zod";
import { formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, progress } from "../experiment.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import {
  ahead,
  asPublished,
  type Contender,
  type DataSet,
  FASTER,
  followRules,
  leadLabel,
  leastLead,
  medianDecades,
  rulesTable,
} from "./follow.ts";
import { leastSquaresProblem } from "./problems.ts";

const rule = (
  label: string,
  partition: "variable" | "sort",
  select: "random" | "cyclic" | "gs" | "gsl" | "gsd",
): Contender => ({ label, options: { blockSize: 5, partition, select, update: "gradient" } });

const contenders: readonly Contender[] = [
  rule("GSD, variable", "variable", "gsd"),
  rule("GSL, fixed", "sort", "gsl"),
  rule("GS, variable", "variable", "gs"),
  rule("GSD, fixed", "sort", "gsd"),
  rule("GS, fixed", "sort", "gs"),
  rule("cyclic, fixed", "sort", "cyclic"),
  rule("random, fixed", "sort", "random"),
  rule("random, variable", "variable", "random"),
];
const labels = contenders.map(({ label }) => label);

/** log10(f_500 / f_0) of Figure 4a, with its start 7.4e6, for the rules that the claims name. */
const published = [
  ["C1", "GSL, fixed", -2.94],
  ["C1", "GSD, variable", -2.97],
  ["C1", "GS, fixed", -1.69],
  ["C2", "GS, variable", -2.34],
] as const;
const paperSize = { rows: 1000, columns: 10_000, iterations: 500 };
const TARGET = 1e-2;

export default defineExperiment({
  description:
    "Least squares with columns of very different scale, blocks of 5, gradient updates: how far each selection rule gets in 500 iterations, with fixed blocks of similar constants and with variable blocks.",
  parameters: z.object({
    rows: z.int().min(50).max(2000).default(paperSize.rows).describe("rows of A"),
    columns: z.int().min(100).max(20_000).default(paperSize.columns).describe("columns of A"),
    iterations: z.int().min(50).max(5000).default(paperSize.iterations).describe("iterations"),
    seeds: z.int().min(1).max(10).default(3).describe("data sets"),
  }),
  profiles: { quick: { rows: 400, columns: 4000 }, full: {} },
  seconds: { quick: 8, full: 60 },
  plots: [
    linePlot("gap", "Distance from the optimum, first data set", "iteration", logAxis("f − f*"), {
      series: labels,
    }),
    linePlot("flops", "The same against work", logAxis("flops"), logAxis("f − f*"), { series: labels }),
  ],

  async *measure({ parameters: { rows, columns, iterations, seeds }, seed, signal, stage }) {
    const sets: DataSet[] = [];
    for (const [k, s] of repeatSeeds(seed, seeds, 0).entries()) {
      yield progress(k / seeds, `data set ${k + 1} of ${seeds}`);
      const place = {
        name: `${rows} × ${columns}, seed ${s}`,
        seed: s,
        from: k / seeds,
        to: (k + 1) / seeds,
      };
      sets.push(
        yield* followRules(
          leastSquaresProblem(rows, columns, s),
          contenders,
          { ...place, stage },
          {
            iterations,
            gap: ({ value }) => value, // more columns than rows: the optimal value is 0
            target: TARGET,
            plots: k === 0 ? { iterations: "gap", flops: "flops" } : undefined,
            signal,
          },
        ),
      );
    }
    return { rows, columns, iterations, sets };
  },

  judge({ sets, ...size }) {
    const chosen = ["GS, variable", "random, variable"] as const;
    return [
      ahead("C1", sets, ["GSL, fixed", "GS, fixed"]),
      ahead("C1", sets, ["GSD, variable", "GS, variable"]),
      ahead("C2", sets, ["GS, variable", "GS, fixed"]),
      ourCheck(leadLabel(sets, ...chosen), leastLead(sets, ...chosen), FASTER.condition, FASTER.ground),
      ...(JSON.stringify(size) === JSON.stringify(paperSize)
        ? published.map(([claim, label, value]) => asPublished(claim, sets, [label, value], "Figure 4a"))
        : []),
    ];
  },

  present({ iterations, sets }) {
    const figure = (label: string) => formatRounded(-medianDecades(sets, label));
    const lead = (better: string, worse: string) => formatRounded(leastLead(sets, better, worse));
    const flopsOf = (label: string) => formatRounded(sets[0].runs[label].flops);
    return {
      headline: `After ${iterations} iterations Gauss-Southwell is at least ${lead("GSL, fixed", "GS, fixed")} times as far from the optimum as GSL on fixed blocks, and ${lead("GSD, variable", "GS, variable")} times as far as GSD on variable blocks.`,
      captions: {
        gap: `Decades by which f falls, median of the data sets: ${labels.map((label) => `${figure(label)} (${label})`).join(", ")}.`,
        flops: `A greedy iteration needs all partial derivatives, a cyclic one only those of its block: ${flopsOf("GSL, fixed")} flops for GSL against ${flopsOf("cyclic, fixed")} for cyclic blocks.`,
      },
      summary: [
        `With fixed blocks, GS reduces f by ${figure("GS, fixed")} decades and GSL, which scales by the block’s constant, by ${figure("GSL, fixed")}; with variable blocks, GS by ${figure("GS, variable")} and GSD, which scales by the diagonal, by ${figure("GSD, variable")}.`,
        `Variable blocks of random coordinates reduce f by ${figure("random, variable")} decades: variable blocks are good because they are chosen well.`,
      ],
      tables: [rulesTable(sets, TARGET)],
    };
  },
});
