import { conditionedLogistic } from "gradus/data";
import { binaryLogisticLoss } from "gradus/losses";
import {
  innerExact,
  innerGradientDescent,
  linearTargets,
  type SsoOptions,
  sso,
  targetLoss,
  targetProblem,
} from "gradus/target-surrogates";
import { z } from "zod";
import { check, formatFigure, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, points, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { drive, wholeLoss } from "./follow.ts";

const conditions = [1, 10, 100, 1000] as const;
const methods = ["exact", "m = 100", "m = 10", "m = 1"] as const;
type MethodName = (typeof methods)[number];
const innerStepsOf: Readonly<Record<MethodName, number>> = {
  exact: 1,
  "m = 100": 100,
  "m = 10": 10,
  "m = 1": 1,
};
const prices = [1, 10, 100, 1000] as const;
const ETA = 4;
const GAP = 1e-6;
/** Number of further problems, with different labels, for exact inner solves. */
const DRAWS = 8;

interface Reached {
  readonly calls: number;
  readonly innerSteps: number;
  readonly reached: boolean;
}

/** The problem of a seed, its margins' root mean square, and its minimal loss. */
async function problemOf(options: Parameters<typeof conditionedLogistic>[0], signal: AbortSignal) {
  const { x, y, weights } = conditionedLogistic(options);
  const { n, d } = options;
  const targets = linearTargets({ rows: n, columns: d, values: x.values });
  const margins = await targets.on().targets(weights);
  const problem = targetProblem(targets, targetLoss(binaryLogisticLoss, y));
  const start = new Float64Array(d);
  const optimum = await drive(sso(problem, start, { eta: ETA, inner: innerExact(), signal }), 400);
  const lowest = (await wholeLoss(problem, optimum.theta)).value;
  return { problem, start, lowest, margin: Math.hypot(...margins) / Math.sqrt(n) };
}

/** Gradients until the loss is within the gap, or until the limit. */
async function callsUntilGap(
  { problem, start, lowest }: Awaited<ReturnType<typeof problemOf>>,
  { limit, ...options }: Pick<SsoOptions, "innerSteps" | "inner" | "signal"> & { readonly limit: number },
): Promise<{ readonly calls: number; readonly reached: boolean }> {
  let reached = false;
  // an iterate reports the loss of the point before it, so the test needs no extra call
  const last = await drive(sso(problem, start, { eta: ETA, ...options }), limit + 1, ({ batchLoss }) => {
    reached = batchLoss !== undefined && batchLoss - lowest <= GAP;
    return reached;
  });
  return { calls: last.counts.oracleCalls - 1, reached };
}

const shown = ({ calls, reached }: Reached) => (reached ? formatFigure(calls) : `> ${formatFigure(calls)}`);

type Runs = readonly Readonly<Record<MethodName, Reached>>[];

const callsOf = (runs: Runs) => (name: MethodName, condition: (typeof conditions)[number]) =>
  runs[conditions.indexOf(condition)][name].calls;

/** The total cost at condition number 10, in inner steps, if a gradient costs as much as tau of them. */
function costOf(runs: Runs, name: MethodName, tau: number): number {
  const { calls, innerSteps } = runs[conditions.indexOf(10)][name];
  return tau * calls + innerSteps;
}

export default defineExperiment({
  description:
    "Logistic regression on features with condition number 1 to 1000: counts the gradients of the loss until h − h* ≤ 1e-6, with 1, 10 and 100 inner steps and with exact inner solves, and the total cost when a gradient costs as much as τ inner steps.",
  parameters: z.object({
    rows: z.int().min(50).max(20_000).default(1000).describe("rows of the data"),
    features: z.int().min(2).max(200).default(20).describe("features of the data"),
    innerBudget: z
      .int()
      .min(100)
      .max(20_000_000)
      .default(200_000)
      .describe("inner steps after which a run ends"),
    mostCalls: z.int().min(100).max(200_000).default(50_000).describe("gradients after which a run ends"),
  }),
  profiles: { quick: { innerBudget: 200_000, mostCalls: 8000 }, full: {} },
  seconds: { quick: 8, full: 60 },
  plots: [
    linePlot(
      "calls",
      "Gradients of the loss until h − h* ≤ 1e-6",
      logAxis("condition number of the features"),
      logAxis("gradients"),
      { series: [...methods] },
    ),
    linePlot(
      "cost",
      "Total cost at condition number 10: τ × gradients + inner steps",
      logAxis("price τ of a gradient, in inner steps"),
      logAxis("total cost (inner steps)"),
      { series: methods.filter((name) => name !== "exact") },
    ),
  ],

  async *measure({ parameters: { rows: n, features: d, innerBudget, mostCalls }, seed, signal, stage }) {
    const runs: Record<MethodName, Reached>[] = [];
    for (const [k, condition] of conditions.entries()) {
      yield progress(k / conditions.length, `condition ${condition}`);
      const results = yield* stage(`condition ${condition}`, async function* () {
        const problem = await problemOf({ n, d, condition, seed }, signal);
        // lambda_max(X^T X / n) = 1 by the construction of the data
        const inner = { exact: innerExact(), steps: innerGradientDescent({ stepSize: ETA }) };
        const results: Partial<Record<MethodName, Reached>> = {};
        for (const name of methods) {
          const innerSteps = innerStepsOf[name];
          const limit = Math.min(mostCalls, Math.floor(innerBudget / innerSteps));
          const solver = name === "exact" ? inner.exact : inner.steps;
          const { calls, reached } = await callsUntilGap(problem, {
            innerSteps,
            inner: solver,
            limit,
            signal,
          });
          results[name] = { calls, innerSteps: calls * innerSteps, reached };
          yield points("calls", name, reached ? [{ x: condition, y: calls }] : []);
          yield progress((k + 0.5) / conditions.length, `condition ${condition}, ${name}`);
        }
        return results as Record<MethodName, Reached>;
      });
      runs.push(results);
    }
    const draws = yield* stage("draws", async function* () {
      const draws: { margin: number; calls: number }[] = [];
      for (const [k, other] of repeatSeeds(seed, DRAWS, 2).entries()) {
        yield progress(
          (conditions.length - 1 + (k + 1) / DRAWS) / conditions.length,
          `labels ${k + 1} of ${DRAWS}`,
        );
        const problem = await problemOf({ n, d, condition: 10, seed: other }, signal);
        const { calls } = await callsUntilGap(problem, { inner: innerExact(), limit: 400, signal });
        draws.push({ margin: problem.margin, calls });
      }
      return draws.sort((a, b) => a.margin - b.margin);
    });
    for (const name of methods)
      if (name !== "exact")
        yield curve("cost", name, prices, (tau) => ({ x: tau, y: costOf(runs, name, tau) }));
    return { runs, draws };
  },

  judge({ runs }) {
    const calls = callsOf(runs);
    return [
      ...(
        [
          ["m = 1", "m = 10"],
          ["m = 10", "m = 100"],
        ] as const
      ).map(([fewer, more]) =>
        check(
          "C3",
          `gradients with ${fewer} over ${more}, condition number 10`,
          calls(fewer, 10) / calls(more, 10),
          { atLeast: 1.5 },
          criterion("“saves gradients” is at least 1.5 times fewer"),
        ),
      ),
      check(
        "C3",
        "gradients with exact inner solves, condition number 1000 over 10",
        calls("exact", 1000) / calls("exact", 10),
        { between: [0.9, 1.1] },
        theorem(
          "exact inner solves depend only on the range of the features, the same here at every condition number; 10% for rounding",
        ),
      ),
      ourCheck(
        "gradients with m = 1, condition number 100 (at least) over 1",
        calls("m = 1", 100) / calls("m = 1", 1),
        { atLeast: 2 },
        criterion("independence of the conditioning is meaningful only if a single step depends on it"),
      ),
    ];
  },

  present({ runs, draws }) {
    const calls = callsOf(runs);
    const list = (name: MethodName) => runs.map((run) => shown(run[name])).join(", ");
    const ratio = (tau: number) => formatRounded(costOf(runs, "m = 10", tau) / costOf(runs, "m = 1", tau));
    const drawn = draws.map((draw) => draw.calls);
    return {
      headline: `At condition number 10, ten inner steps per gradient need ${formatRounded(calls("m = 10", 10))} gradients where one needs ${shown(runs[conditions.indexOf(10)]["m = 1"])}; exact inner solves need ${formatRounded(calls("exact", 10))} at condition number 10 and ${formatRounded(calls("exact", 1000))} at 1000.`,
      captions: {
        calls: `Gradients at condition number 1, 10, 100 and 1000, exact inner solves: ${list("exact")}; m = 1: ${list("m = 1")}. Runs that used up their budget are not drawn.`,
        cost: `Where a gradient costs as much as an inner step (τ = 1), m = 10 costs ${ratio(1)} times what m = 1 does; at τ = 1000, ${ratio(1000)} times.`,
      },
      summary: [
        `Gradients until h − h* ≤ 1e-6 at condition number 1, 10, 100, 1000: m = 1 ${list("m = 1")}; m = 10 ${list("m = 10")}; m = 100 ${list("m = 100")}; exact ${list("exact")}.`,
        `With exact inner solves the count depends on the labels drawn: ${Math.min(...drawn)} to ${Math.max(...drawn)} gradients for ${DRAWS} other draws.`,
      ],
      tables: [
        tableOf(
          "calls",
          "Gradients of the loss until h − h* ≤ 1e-6 (> where the budget was used up)",
          { condition: "condition number", ...Object.fromEntries(methods.map((name) => [name, name])) },
          runs.map((run, k) => ({
            condition: conditions[k],
            ...Object.fromEntries(methods.map((name) => [name, shown(run[name])])),
          })),
        ),
        tableOf(
          "draws",
          "Exact inner solves on other labels: gradients by the width of the margins",
          { margin: "root mean square of the margins", calls: "gradients" },
          draws,
        ),
      ],
    };
  },
});
