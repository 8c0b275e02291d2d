import { formatFigure } from "../check.ts";
import type { ExperimentRun, Table } from "../experiment.ts";
import { tableOf } from "../shared/tables.ts";
import { followPath, separationTime, stepLabel } from "./path.ts";
import { type Problem, rotated } from "./problems.ts";

const betas = [1, 10, 100, 1e4] as const;
const orders = [0, 13, 26] as const;
const LIMIT = 4000;

const counted = (T: number) => (T > LIMIT ? `more than ${formatFigure(LIMIT)}` : formatFigure(T));

/** T of the stored order of the samples, and its range over three orders, for each β. */
export interface LossNormalized {
  readonly data: string;
  readonly times: readonly { readonly first: number; readonly least: number; readonly most: number }[];
}

/**
 * The loss-normalized variant, theta += (beta/f(theta)) times the mean of p_i y_i a_i. Its steps grow as the loss
 * falls, so its path is chaotic on some data: the same samples in another order, which changes only rounding, give
 * another count.
 */
export async function* lossNormalizedTimes(
  problems: readonly Problem[],
  signal: AbortSignal,
): ExperimentRun<LossNormalized[]> {
  const found: LossNormalized[] = [];
  for (const problem of problems) {
    const times: LossNormalized["times"][number][] = [];
    for (const beta of betas) {
      const each: number[] = [];
      for (const by of orders) {
        const path = yield* followPath(rotated(problem, by), {
          method: "loss-normalized",
          step: beta,
          maxIterations: LIMIT,
          signal,
        });
        each.push(separationTime("loss-normalized", path) ?? LIMIT + 1);
      }
      times.push({ first: each[0], least: Math.min(...each), most: Math.max(...each) });
    }
    found.push({ data: problem.name, times });
  }
  return found;
}

const rangeOf = ({ least, most }: LossNormalized["times"][number]) =>
  least === most ? "same" : `${counted(least)} to ${counted(most)}`;

export function lossNormalizedTable(found: readonly LossNormalized[]): Table {
  return tableOf(
    "loss-normalized",
    "Loss-normalized steps (not in this paper): T, and its range over three orders of the same samples",
    Object.assign(
      { data: "data" },
      ...betas.map((beta, i) => ({
        [`T${i}`]: `T, β = ${stepLabel(beta)}`,
        [`range${i}`]: "over three orders",
      })),
    ),
    found.map(({ data, times }) =>
      Object.assign(
        { data },
        ...times.map((T, i) => ({ [`T${i}`]: counted(T.first), [`range${i}`]: rangeOf(T) })),
      ),
    ),
  );
}

/** A sentence about the widest range over the orders. */
export function lossNormalizedSentence(found: readonly LossNormalized[]): string {
  const all = found.flatMap(({ data, times }) => times.map((T, i) => ({ data, beta: betas[i], ...T })));
  const { data, beta, least, most } = all.reduce((a, b) => (b.most / b.least > a.most / a.least ? b : a));
  return `With loss-normalized steps, a variant that is not in this paper, the count depends on rounding: on ${data} with β = ${stepLabel(beta)}, three orders of the same samples give T from ${counted(least)} to ${counted(most)}.`;
}
