import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, note, progress, table } from "../experiment.ts";
import { type Contender, followRule, type RuleRun, ruleColumns, ruleRow } from "./follow.ts";
import { softmaxProblem } from "./problems.ts";

const contenders: readonly Contender[] = [
  { label: "Newton GSD, variable", options: { blockSize: 50, select: "gsd", update: "newton" } },
  {
    label: "Newton GS, fixed",
    options: { blockSize: 50, partition: "sort", select: "gs", update: "newton" },
  },
];
const labels = contenders.map(({ label }) => label);
const TARGET = 1e-3;

export default defineExperiment({
  id: "softmax",
  title: "Softmax regression with many classes",
  description:
    "Newton steps on blocks of 50 of the (feature, class) pairs of a separable set: greedy variable blocks by the diagonal rule against fixed blocks by Gauss-Southwell. The conditions are for the paper's size, 50,000 unknowns, in the full profile.",
  claims: ["C2", "C3"],
  parameters: z.object({
    rows: z.int().min(50).max(2000).default(1000).describe("rows of A"),
    columns: z.int().min(20).max(2000).default(1000).describe("features"),
    classes: z.int().min(2).max(100).default(50).describe("classes"),
    iterations: z.int().min(20).max(2000).default(500).describe("iterations"),
  }),
  profiles: { quick: { rows: 200, columns: 200, classes: 10, iterations: 150 }, full: {} },
  seconds: { quick: 2, full: 60 },
  plots: [
    {
      id: "gap",
      title: "Distance from the optimum",
      x: { label: "iteration" },
      y: { label: "f − f*", scale: "log" },
      mark: "line",
      series: labels,
    },
    {
      id: "flops",
      title: "The same against work",
      x: { label: "flops", scale: "log" },
      y: { label: "f − f*", scale: "log" },
      mark: "line",
      series: labels,
    },
  ],

  async *run({ parameters: { rows, columns, classes, iterations }, profile, seed, signal, stage }) {
    yield progress(0, "data");
    const problem = softmaxProblem(rows, columns, classes, Math.max(0, seed - 1));
    const runs: RuleRun[] = [];
    for (const [k, contender] of contenders.entries()) {
      yield progress((k + 0.5) / contenders.length, contender.label);
      runs.push(
        yield* stage(contender.label, () =>
          followRule(problem, contender, {
            iterations,
            gap: ({ value }) => value, // separable: the optimal value is 0
            target: TARGET,
            plots: { iterations: "gap", flops: "flops" },
            signal,
          }),
        ),
      );
      yield table({
        id: "rules",
        title: `${rows} rows, ${columns} features, ${classes} classes`,
        columns: ruleColumns(TARGET),
        rows: runs.map((run) => ruleRow(`${columns * classes} unknowns`, run)),
      });
    }
    yield progress(1, "done");
    const [greedy, fixed] = runs;
    const checks: Check[] = [];
    if (profile === "full")
      checks.push(
        check("C3", `${greedy.label}, |b| = 50: f − f* after ${iterations} iterations`, greedy.gap, {
          atMost: 1e-2,
        }),
        check("C2", `f − f* of ${fixed.label} over that of ${greedy.label}`, fixed.gap / greedy.gap, {
          atLeast: 10,
        }),
      );
    else yield note("The paper's conditions are for 50,000 unknowns: run the full profile to check them.");
    return {
      checks,
      captions: {
        gap: `After ${iterations} iterations f − f* is ${formatFigure(greedy.gap)} (${greedy.label}) and ${formatFigure(fixed.gap)} (${fixed.label}).`,
        flops: "Both rules need all partial derivatives at every step, so that work grows with iterations.",
      },
      summary: [
        `${columns * classes} unknowns: variable blocks end at ${formatFigure(greedy.gap)}, fixed blocks at ${formatFigure(fixed.gap)}, ${formatFigure(fixed.gap / greedy.gap)} times as far from the optimum.`,
      ],
    };
  },
});
