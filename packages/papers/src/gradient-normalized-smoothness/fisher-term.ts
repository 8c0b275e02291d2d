import { randomStream } from "gradus/random";
import { median } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import {
  type Contender,
  EXACT,
  GRADIENT,
  gradient,
  METRIC_GRADIENT,
  metricGradient,
  newton,
  startOf,
} from "./contenders.ts";
import {
  costCheck,
  type Descent,
  follow,
  gammaPlot,
  gapPlots,
  iterationsText,
  iterationsTo,
  methodsTable,
  type Run,
  runOf,
  valuesPerStep,
} from "./descent.ts";
import { residualProblem } from "./problems.ts";

const FISHER = "Fisher term, rank one";

const contenders: Readonly<Record<string, Contender>> = {
  [FISHER]: newton("fisherTerm"),
  [EXACT]: newton("exact"),
  [METRIC_GRADIENT]: metricGradient,
  [GRADIENT]: gradient,
};
const series = Object.keys(contenders);
const powers = [3, 4, 6] as const;
const DRAWN = 4;
const TARGET = 1e-12;

/** f_{k+1} / f_k at the end of a run: the median of the last five. */
function finalRatio({ gaps }: Descent): number {
  const ratios = gaps.slice(1).map((gap, k) => gap / gaps[k]);
  return median(ratios.slice(-5));
}

/** One size of A and one power, with the methods in order. */
interface Case {
  readonly rows: number;
  readonly p: number;
  readonly runs: readonly Run[];
  /** f_{k+1} / f_k at the end. */
  readonly ratios: { readonly fisher: number; readonly exact: number };
}

const nameOf = (rows: number, p: number) => `p = ${p}, ${rows} × ${2 * rows}`;

/** Of one case: the iterations of the Fisher term over the exact Hessian's. */
const shareOf = ({ runs: [fisher, exact] }: Case) => iterationsTo(fisher) / exact.iterations;

const limit = criterion(
  "the limit for vanishing λ is derived in the remarks; a finite λ leaves it within a fifth",
);

export default defineExperiment({
  description:
    "Minimizes f = ‖Ax − b‖ᵖ/p for a random wide A with the exact Hessian, with its rank-one Fisher term alone, and by gradient methods, to 1e-12 of the initial value.",
  parameters: z.object({
    rows: z.int().min(20).max(400).default(100).describe("rows of A, which has twice as many columns"),
    large: z.boolean().default(true).describe("also four times as many rows, at p = 4"),
  }),
  profiles: { quick: { large: false }, full: {} },
  seconds: { quick: 6, full: 30 },
  plots: [...gapPlots(series, "‖Ax − b‖⁴/4"), gammaPlot([FISHER, EXACT], "‖Ax − b‖⁴/4")],

  async *measure({ parameters: { rows: m, large }, seed, signal, stage, resumable }) {
    const found: Case[] = [];
    const stream = randomStream(seed).split("residual");
    // The case that is drawn comes first: a reader waits for it.
    const inTurn = powers.toSorted((p, q) => Number(q === DRAWN) - Number(p === DRAWN));
    const cases = [...inTurn.map((p) => ({ rows: m, p })), ...(large ? [{ rows: 4 * m, p: DRAWN }] : [])];
    for (const [k, { rows, p }] of cases.entries()) {
      const problem = residualProblem(rows, p, stream.split(rows).split(p));
      const first = problem.objective.value(problem.x0);
      const runs: Run[] = [];
      const ratios = { fisher: 0, exact: 0 };
      for (const [i, method] of series.entries()) {
        yield progress((k + i / series.length) / cases.length, `${nameOf(rows, p)}, ${method}`);
        const second = method === FISHER || method === EXACT;
        const drawn = { gap: "gap", time: "time", ...(second && { gamma: "gamma" }) };
        const descent = yield* stage(`${rows}, ${p}, ${method}`, () =>
          follow(resumable, startOf(contenders[method], problem, signal), {
            gap: TARGET * first,
            maxIterations: 1000,
            series: method,
            plots: p === DRAWN && rows === m ? drawn : {},
          }),
        );
        runs.push(runOf(nameOf(rows, p), method, descent));
        if (second) ratios[method === FISHER ? "fisher" : "exact"] = finalRatio(descent);
      }
      found.push({ rows, p, runs, ratios });
    }
    return found;
  },

  judge: (cases) => [
    ...cases.map((one) =>
      check(
        "C5",
        `iterations of the Fisher term over the exact Hessian’s, ${nameOf(one.rows, one.p)}`,
        shareOf(one),
        { atMost: 0.9 },
        criterion("“fewer” is at least a tenth fewer: one iteration more or less depends on the start"),
      ),
    ),
    ...cases.map(({ rows, p, ratios }) =>
      ourCheck(
        `final f_{k+1}/f_k of the exact Hessian over ((p − 2)/(p − 1))^p, ${nameOf(rows, p)}`,
        ratios.exact / ((p - 2) / (p - 1)) ** p,
        { between: [0.8, 1.2] },
        limit,
      ),
    ),
    // For p = 3 the limit is 0.
    ...cases
      .filter(({ p }) => p > 3)
      .map(({ rows, p, ratios }) =>
        ourCheck(
          `final f_{k+1}/f_k of the Fisher term over ((p − 3)/(p − 2))^p, ${nameOf(rows, p)}`,
          ratios.fisher / ((p - 3) / (p - 2)) ** p,
          { between: [0.8, 1.2] },
          limit,
        ),
      ),
    costCheck(
      "‖Ax − b‖^p/p",
      cases.flatMap(({ runs: [fisher, exact] }) => [fisher, exact].map(valuesPerStep)),
    ),
  ],

  present(cases) {
    const [drawn] = cases;
    const inOrder = cases.toSorted((a, b) => a.rows - b.rows || a.p - b.p);
    const text = ({ runs }: Case, method: string) => iterationsText(runs[series.indexOf(method)]);
    const seconds = (method: string) => formatRounded(drawn.runs[series.indexOf(method)].seconds);
    const sentence = (one: Case) =>
      `${nameOf(one.rows, one.p)}: Fisher term ${text(one, FISHER)}, exact Hessian ${text(one, EXACT)}, gradient method in the metric ${text(one, METRIC_GRADIENT)}, gradient method ${text(one, GRADIENT)}`;
    const small = inOrder.filter(({ rows }) => rows === drawn.rows);
    const counts = (method: string) => small.map((one) => text(one, method)).join(", ");
    return {
      headline: `On ‖Ax − b‖ᵖ/p for p = ${small.map(({ p }) => p).join(", ")} the rank-one Fisher term takes ${counts(FISHER)} iterations, the exact Hessian ${counts(EXACT)}.`,
      captions: {
        gap: `Iterations to 1e-12 of the initial value, ${sentence(drawn)}.`,
        time: `Seconds to the target: Fisher term ${seconds(FISHER)}, exact Hessian ${seconds(EXACT)}, gradient method in the metric ${seconds(METRIC_GRADIENT)}, gradient method ${seconds(GRADIENT)}.`,
        gamma: "γ falls with the gradient: f is not quasi-self-concordant.",
      },
      summary: [
        `Iterations to 1e-12 of the initial value: ${inOrder.map(sentence).join("; ")}.`,
        "A trial with the rank-one matrix takes O(n²) operations, since the metric is factored once; one with the exact Hessian factors a matrix, O(n³).",
      ],
      tables: [methodsTable(cases.flatMap(({ runs }) => runs))],
    };
  },
});
