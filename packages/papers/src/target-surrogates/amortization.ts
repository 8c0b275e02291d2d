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
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, points, progress, table } from "../experiment.ts";
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
/** Further problems, with labels of their own, for exact inner solves. */
const DRAWS = 8;

interface Reached {
  readonly calls: number;
  readonly innerSteps: number;
  readonly reached: boolean;
}

/** The problem of a seed, its margins' root mean square, and its least loss. */
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
  // the loss that an iterate shows is that of the point before it, so that no call is made for the test alone
  const last = await drive(sso(problem, start, { eta: ETA, ...options }), limit + 1, ({ batchLoss }) => {
    reached = batchLoss !== undefined && batchLoss - lowest <= GAP;
    return reached;
  });
  return { calls: last.counts.oracleCalls - 1, reached };
}

const shown = ({ calls, reached }: Reached) => (reached ? formatFigure(calls) : `> ${formatFigure(calls)}`);

export default defineExperiment({
  id: "amortization",
  title: "More inner steps, fewer gradients",
  description:
    "Logistic regression on data of condition 1 to 1000: counts the gradients of the loss until h − h* ≤ 1e-6, with 1, 10 and 100 inner steps and with exact inner solves, and weighs them against inner steps.",
  claims: ["C3"],
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
    {
      id: "calls",
      title: "Gradients of the loss until h − h* ≤ 1e-6",
      x: { label: "condition of the features", scale: "log" },
      y: { label: "gradients", scale: "log" },
      mark: "line",
      series: [...methods],
    },
    {
      id: "cost",
      title: "Total cost at condition 10: τ × gradients + inner steps",
      x: { label: "price τ of a gradient, in inner steps", scale: "log" },
      y: { label: "total cost (inner steps)", scale: "log" },
      mark: "line",
      series: methods.filter((name) => name !== "exact"),
    },
  ],

  async *run({ parameters: { rows: n, features: d, innerBudget, mostCalls }, seed, signal, stage }) {
    const found = new Map<string, Reached>();
    const key = (name: MethodName, condition: number) => `${name}, ${condition}`;
    const at = (name: MethodName, condition: number): Reached => {
      const reached = found.get(key(name, condition));
      if (!reached) throw new Error(`no run of ${key(name, condition)}`);
      return reached;
    };
    const rows: Record<string, number | string | null>[] = [];
    for (const [k, condition] of conditions.entries()) {
      yield progress(k / conditions.length, `condition ${condition}`);
      const results = yield* stage(`condition ${condition}`, async function* () {
        const problem = await problemOf({ n, d, condition, seed }, signal);
        // lambda_max(X^T X / n) = 1 by the construction of the data
        const inner = { exact: innerExact(), steps: innerGradientDescent({ stepSize: ETA }) };
        const results: Record<string, Reached> = {};
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
        return results;
      });
      for (const name of methods) found.set(key(name, condition), results[name]);
      rows.push({
        condition,
        ...Object.fromEntries(methods.map((name) => [name, shown(at(name, condition))])),
      });
      yield table({
        id: "calls",
        title: "Gradients of the loss until h − h* ≤ 1e-6 (> where the budget ended first)",
        columns: [
          { key: "condition", label: "condition" },
          ...methods.map((name) => ({ key: name, label: name })),
        ],
        rows: [...rows],
      });
    }
    const draws = yield* stage("draws", async function* () {
      const draws: { margin: number; calls: number }[] = [];
      for (let k = 1; k <= DRAWS; k++) {
        yield progress((conditions.length - 1 + k / DRAWS) / conditions.length, `labels ${k} of ${DRAWS}`);
        const problem = await problemOf({ n, d, condition: 10, seed: seed + k }, signal);
        const { calls } = await callsUntilGap(problem, { inner: innerExact(), limit: 400, signal });
        draws.push({ margin: problem.margin, calls });
      }
      return draws.sort((a, b) => a.margin - b.margin);
    });
    yield table({
      id: "draws",
      title: "Exact inner solves on other seeds: gradients by the width of the margins",
      columns: [
        { key: "margin", label: "root mean square of the margins" },
        { key: "calls", label: "gradients" },
      ],
      rows: draws,
    });
    const drawn = draws.map(({ calls }) => calls);
    const cost = (name: MethodName, tau: number) => {
      const { calls, innerSteps } = at(name, 10);
      return tau * calls + innerSteps;
    };
    for (const name of methods)
      if (name !== "exact")
        yield points(
          "cost",
          name,
          prices.map((tau) => ({ x: tau, y: cost(name, tau) })),
        );
    const calls = (name: MethodName, condition: number) => at(name, condition).calls;
    const checks: Check[] = [
      check(
        "C3",
        "condition 10: gradients with m = 10 over m = 1",
        calls("m = 10", 10) / calls("m = 1", 10),
        {
          atMost: 0.2,
        },
      ),
      check(
        "C3",
        "condition 10: gradients with m = 100 over m = 1",
        calls("m = 100", 10) / calls("m = 1", 10),
        {
          atMost: 0.1,
        },
      ),
      check(
        "C3",
        "exact inner solves: gradients at condition 1000 over condition 10",
        calls("exact", 1000) / calls("exact", 10),
        { atMost: 3 },
      ),
      check(
        "C3",
        "condition 100: gradients with m = 1 (at least) over exact inner solves",
        calls("m = 1", 100) / calls("exact", 100),
        { atLeast: 20 },
      ),
      check(
        "C3",
        "condition 10, a gradient as dear as 100 inner steps: total cost of m = 10 over m = 1",
        cost("m = 10", 100) / cost("m = 1", 100),
        { atMost: 0.3 },
      ),
    ];
    yield progress(1, "done");
    const list = (name: MethodName) => conditions.map((condition) => shown(at(name, condition))).join(", ");
    return {
      checks,
      captions: {
        calls: `Gradients at condition 1, 10, 100 and 1000, exact inner solves: ${list("exact")}; m = 1: ${list("m = 1")}. Runs that the budget ended are not drawn.`,
        cost: `Where a gradient costs no more than an inner step (τ = 1), m = 10 costs ${formatFigure(cost("m = 10", 1) / cost("m = 1", 1))} times what m = 1 does; at τ = 1000, ${formatFigure(cost("m = 10", 1000) / cost("m = 1", 1000))} times.`,
      },
      summary: [
        `Gradients until h − h* ≤ 1e-6 at condition 1, 10, 100, 1000: m = 1 ${list("m = 1")}; m = 10 ${list("m = 10")}; m = 100 ${list("m = 100")}; exact ${list("exact")}.`,
        `With exact inner solves the count depends on the labels drawn, not on the conditioning of the features: ${Math.min(...drawn)} to ${Math.max(...drawn)} gradients on ${DRAWS} other seeds.`,
      ],
    };
  },
});
