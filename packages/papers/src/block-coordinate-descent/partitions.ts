import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, note, point, progress, table } from "../experiment.ts";
import { type Contender, decadesByRule, followRule, ruleColumns, ruleRow, seedsFrom } from "./follow.ts";
import { leastSquaresProblem, logisticProblem } from "./problems.ts";

const partitions = ["sort", "average", "order"] as const;
const scores = ["gsl", "gsd", "gs"] as const;
const sizes = [5, 20, 50] as const;
const selections = ["gs", "random"] as const;
const updates = { L_b: "gradient", LA: "backtracking" } as const;
const estimates = ["LA", "L_b"] as const;
const TARGET = 1e-2;

const partitionLabel = (select: (typeof scores)[number], partition: (typeof partitions)[number]) =>
  `${select.toUpperCase()}, ${partition}`;
const estimateLabel = (select: string, size: number, estimate: (typeof estimates)[number]) =>
  `${select === "gs" ? "GS" : "random"}, |b| = ${size}, ${estimate}`;
const estimateSeries = selections.flatMap((select) =>
  estimates.map((estimate) => `${select === "gs" ? "GS" : "random"}, ${estimate}`),
);

const byPartition: readonly Contender[] = scores.flatMap((select) =>
  partitions.map((partition) => ({
    label: partitionLabel(select, partition),
    options: { blockSize: 5, partition, select, update: "gradient" } as const,
  })),
);
const byEstimate: readonly Contender[] = selections.flatMap((select) =>
  sizes.flatMap((blockSize) =>
    estimates
      // the same run as among the partitions
      .filter((estimate) => !(select === "gs" && blockSize === 5 && estimate === "L_b"))
      .map((estimate) => ({
        label: estimateLabel(select, blockSize, estimate),
        options: { blockSize, partition: "order", select, update: updates[estimate] } as const,
      })),
  ),
);
const onLogistic: readonly Contender[] = estimates.map((estimate) => ({
  label: `logistic, GSL, |b| = 50, ${estimate}`,
  options: { blockSize: 50, partition: "order", select: "gsl", update: updates[estimate] } as const,
}));

/**
 * log10(f_500 / f_0) read off the paper's figures 10 (|b| = 5) and 9 (|b| = 50), by claim; GSD on "average" depends on
 * the official code's scoring and is left out.
 */
const published: Readonly<Record<"C6" | "C7", Readonly<Record<string, number>>>> = {
  C6: {
    "GS, sort": -1.69,
    "GSD, sort": -2.96,
    "GSL, sort": -2.94,
    "GS, order": -1.36,
    "GSD, order": -1.38,
    "GSL, order": -1.76,
    "GS, average": -1.51,
    "GSL, average": -2.09,
  },
  C7: { "GS, |b| = 50, L_b": -2.36, "GS, |b| = 50, LA": -3.09 },
};

export default defineExperiment({
  id: "partitions",
  title: "Which coordinates share a block, and which constant they get",
  description:
    "Least squares with gradient updates: fixed blocks of similar constants, of neighbors, and of small with large ones; and the block's constant L_b against one found by backtracking.",
  claims: ["C6", "C7"],
  parameters: z.object({
    rows: z.int().min(50).max(2000).default(1000).describe("rows of A"),
    columns: z.int().min(100).max(20_000).default(10_000).describe("columns of A"),
    iterations: z.int().min(50).max(5000).default(500).describe("iterations"),
    seeds: z.int().min(1).max(10).default(3).describe("data sets"),
  }),
  profiles: { quick: { rows: 400, columns: 4000 }, full: {} },
  seconds: { quick: 10, full: 120 },
  plots: [
    {
      id: "partition",
      title: "Blocks of 5, first data set",
      x: { label: "iteration" },
      y: { label: "f − f*", scale: "log" },
      mark: "line",
      series: byPartition.map(({ label }) => label),
    },
    {
      id: "estimate",
      title: "What is left of f after all iterations, against the block size, first data set",
      x: { label: "block size |b|", scale: "log" },
      y: { label: "f / f at the start", scale: "log" },
      mark: "line",
      series: estimateSeries,
    },
  ],

  async *run({ parameters: { rows, columns, iterations, seeds }, profile, seed, signal, stage }) {
    const decades = decadesByRule();
    const tableRows: ReturnType<typeof ruleRow>[] = [];
    for (const [k, s] of seedsFrom(seed, seeds).entries()) {
      yield progress(k / seeds, `data set ${k + 1} of ${seeds}`);
      const problem = leastSquaresProblem(rows, columns, s);
      const logistic = logisticProblem(200, 1000, s);
      const contenders = [...byPartition, ...byEstimate, ...onLogistic];
      for (const [j, contender] of contenders.entries()) {
        const { label, options } = contender;
        yield progress((k + j / contenders.length) / seeds, `data set ${k + 1} of ${seeds}, ${label}`);
        const run = yield* stage(`${k}, ${label}`, () =>
          followRule(
            onLogistic.includes(contender) ? logistic : problem,
            { label, options: { ...options, seed: s } },
            {
              iterations,
              gap: ({ value }) => value, // more columns than rows: the optimal value is 0
              target: TARGET,
              plots: k === 0 && byPartition.includes(contender) ? { iterations: "partition" } : undefined,
              signal,
            },
          ),
        );
        decades.add(run);
        if (label === partitionLabel("gs", "order"))
          decades.add({ ...run, label: estimateLabel("gs", 5, "L_b") });
        tableRows.push(ruleRow(`seed ${s}`, run));
        yield table({ id: "rules", title: "Every rule", columns: ruleColumns(TARGET), rows: [...tableRows] });
      }
    }
    for (const select of selections)
      for (const estimate of estimates)
        for (const size of sizes)
          yield point(
            "estimate",
            `${select === "gs" ? "GS" : "random"}, ${estimate}`,
            size,
            10 ** decades.of(estimateLabel(select, size, estimate))[0],
          );
    yield progress(1, "done");
    const ahead = (claim: string, better: string, worse: string, least: number) =>
      check(
        claim,
        `${better}: decades ahead of ${worse}, least of ${seeds} data sets`,
        -decades.worst(better, worse),
        {
          atLeast: least,
        },
      );
    const apart = (a: string, b: string) =>
      Math.max(...decades.of(a).map((value, k) => Math.abs(value - decades.of(b)[k])));
    const checks: Check[] = [];
    if (profile === "quick")
      checks.push(
        ahead("C6", "GSL, sort", "GSL, average", 0.8),
        ahead("C6", "GSL, average", "GSL, order", 0.7),
        ...selections.map((select) =>
          ahead("C7", estimateLabel(select, 50, "LA"), estimateLabel(select, 50, "L_b"), 0.8),
        ),
      );
    else {
      for (const claim of ["C6", "C7"] as const)
        for (const [label, value] of Object.entries(published[claim]))
          checks.push(
            check(
              claim,
              `${label}: decades from the paper's ${formatFigure(value)}, most of ${seeds} data sets`,
              Math.max(...decades.of(label).map((d) => Math.abs(d - value))),
              { atMost: 0.5 },
            ),
          );
      yield note(
        "At the paper's size the conditions are its own figures. The distances between the rules that the quick profile asks for (0.7 and 0.8 decades) belong to its smaller problem: the paper's figures themselves are 0.33 decades apart for GSL on averaged blocks and on neighbors, and 0.73 for backtracking with |b| = 50.",
      );
    }
    checks.push(
      ...selections.map((select) =>
        check(
          "C7",
          `${estimateLabel(select, 5, "LA")} and L_b: decades apart (no gain on small blocks), most of ${seeds} data sets`,
          apart(estimateLabel(select, 5, "LA"), estimateLabel(select, 5, "L_b")),
          { atMost: 0.4 },
        ),
      ),
    );
    const figure = (label: string) => formatFigure(decades.median(label));
    return {
      checks,
      captions: {
        partition: `Decades after ${iterations} iterations, median of ${seeds}: ${byPartition.map(({ label }) => `${figure(label)} (${label})`).join(", ")}.`,
        estimate: `Decades at |b| = 50, median of ${seeds}: GS ${figure("GS, |b| = 50, LA")} with backtracking and ${figure("GS, |b| = 50, L_b")} with L_b; random ${figure("random, |b| = 50, LA")} and ${figure("random, |b| = 50, L_b")}.`,
      },
      summary: [
        `GSL on blocks of similar constants takes ${figure("GSL, sort")} decades off, on neighbors ${figure("GSL, order")}: one large column makes a whole block's constant large.`,
        `L_b is the worst case over the block: with 50 coordinates backtracking finds a smaller constant that works (${figure("GS, |b| = 50, LA")} against ${figure("GS, |b| = 50, L_b")} decades), with 5 it gains nothing. Logistic regression, |b| = 50: ${figure("logistic, GSL, |b| = 50, LA")} against ${figure("logistic, GSL, |b| = 50, L_b")}.`,
      ],
    };
  },
});
