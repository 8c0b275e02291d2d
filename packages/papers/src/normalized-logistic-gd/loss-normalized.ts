import { type ExperimentRun, table } from "../experiment.ts";
import { followPath, separationTime, stepLabel } from "./path.ts";
import { type Problem, rotated } from "./problems.ts";

const betas = [1, 10, 100, 1e4] as const;
const orders = [0, 13, 26] as const;
const LIMIT = 4000;

const counted = (T: number) => (T > LIMIT ? `more than ${LIMIT}` : String(T));

/**
 * Fills the page's table of the loss-normalized variant, theta += (beta/f(theta)) times the mean gradient, and returns
 * a sentence about it. Its steps grow as the loss falls, so that its path is chaotic on some data: the same samples in
 * another order, which changes nothing but rounding, give another count. The table shows the range over three orders.
 */
export async function* lossNormalizedTable(
  problems: readonly Problem[],
  signal: AbortSignal,
): ExperimentRun<string> {
  const rows: Record<string, number | string | null>[] = [];
  let widest = { data: "", beta: 0, least: 1, most: 1 };
  for (const problem of problems) {
    const row: Record<string, number | string | null> = { data: problem.name };
    for (const beta of betas) {
      const times: number[] = [];
      for (const by of orders) {
        const path = yield* followPath(rotated(problem, by), {
          method: "loss-normalized",
          step: beta,
          maxIterations: LIMIT,
          signal,
        });
        times.push(separationTime("loss-normalized", path) ?? LIMIT + 1);
      }
      const [least, most] = [Math.min(...times), Math.max(...times)];
      row[`T${stepLabel(beta)}`] = counted(times[0]);
      row[`range${stepLabel(beta)}`] = least === most ? "same" : `${counted(least)} to ${counted(most)}`;
      if (most / least > widest.most / widest.least) widest = { data: problem.name, beta, least, most };
    }
    rows.push(row);
  }
  yield table({
    id: "loss-normalized",
    title:
      "Loss-normalized steps (not of this paper): T, and its range over three orders of the same samples",
    columns: [
      { key: "data", label: "data" },
      ...betas.flatMap((beta) => [
        { key: `T${stepLabel(beta)}`, label: `T, β = ${stepLabel(beta)}` },
        { key: `range${stepLabel(beta)}`, label: "over three orders" },
      ]),
    ],
    rows,
  });
  const { data, beta, least, most } = widest;
  return `on ${data} with β = ${stepLabel(beta)}, three orders of the same samples give T from ${counted(least)} to ${counted(most)}.`;
}
