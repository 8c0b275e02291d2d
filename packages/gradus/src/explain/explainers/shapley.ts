import { ArgumentError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { baselineOf } from "../baseline.ts";
import type { Explanation } from "../explain.ts";
import { checkModel, checkRows, type ExplainableModel, valuesOf } from "../models/contract.ts";
import { isEnumerated } from "../neighborhoods/masks.ts";
import { type Pause, pauses } from "../pauses.ts";
import { perturbedScores } from "../perturbed-scores.ts";
import type { FormulaCall } from "./options.ts";

/** Features that can be enumerated: 2^20 subsets. */
const MOST_FEATURES = 20;
/** Rows of one call of the model. */
const BLOCK = 2 ** 14;

/** Features in which a row differs from the baseline; the others have the value 0. */
function playersOf({ values, columns: d }: DenseMatrix, row: number, baseline: Float64Array): number[] {
  return Array.from({ length: d }, (_, j) => j).filter((j) => values[row * d + j] !== baseline[j]);
}

/** |S|! (m - |S| - 1)! / m! for |S| = 0 .. m - 1. */
function subsetWeights(m: number): Float64Array<ArrayBuffer> {
  const weights = new Float64Array(m);
  // 1 / (m C(m - 1, s))
  let binomial = 1;
  for (let s = 0; s < m; s++) {
    weights[s] = 1 / (m * binomial);
    binomial = (binomial * (m - 1 - s)) / (s + 1);
  }
  return weights;
}

/** f of the row with the features of each subset of the players, the others at the baseline. */
async function subsetValues(
  model: ExplainableModel,
  x: DenseMatrix,
  row: number,
  baseline: Float64Array,
  players: readonly number[],
  pause: Pause,
): Promise<Float64Array> {
  const d = x.columns;
  const values = new Float64Array(2 ** players.length);
  for (let from = 0; from < values.length; from += BLOCK) {
    await pause();
    const to = Math.min(values.length, from + BLOCK);
    const inputs = new Float64Array((to - from) * d);
    for (let subset = from; subset < to; subset++) {
      const at = (subset - from) * d;
      inputs.set(baseline, at);
      for (let p = 0; p < players.length; p++)
        if ((subset >> p) & 1) inputs[at + players[p]] = x.values[row * d + players[p]];
    }
    values.set(
      await valuesOf(
        model,
        { rows: to - from, columns: d, values: inputs },
        { from: row, each: to - from, rows: x.rows },
      ),
      from,
    );
  }
  return values;
}

export interface ShapleyOptions {
  /** r, what a removed feature is set to; zeros by default. */
  readonly baseline?: ArrayLike<number>;
  readonly signal?: AbortSignal;
}

/**
 * Exact Shapley values of the game in which a feature that does not play has its baseline value,
 *
 *     w_j = sum over S without j of  |S|! (d - |S| - 1)! / d!  [ f(S + j) - f(S) ],   sum_j w_j = f(x0) - f(r),
 *
 * from all subsets of the features in which a row differs from the baseline: at most 20.
 * Source: Shapley 1953, "A value for n-person games"; Lundberg & Lee 2017.
 *
 * @param x rows, n x d
 * @throws ArgumentError when a row differs from the baseline in more than 20 features, shapes do not fit, or for an unknown
 *   option
 * @throws DataError when x, the baseline or a score is not finite
 */
export async function shapleyValues(
  model: ExplainableModel,
  x: DenseMatrix,
  options: ShapleyOptions = {},
): Promise<Explanation> {
  checkOptions("shapleyValues", options, ["baseline", "signal"]);
  checkModel(model);
  checkRows("x", x, model.features);
  return exactShapley(model, x, baselineOf(options.baseline, x.columns), options.signal);
}

async function exactShapley(
  model: ExplainableModel,
  x: DenseMatrix,
  baseline: Float64Array,
  signal?: AbortSignal,
): Promise<Explanation> {
  const { rows: n, columns: d } = x;
  const values = new Float64Array(n * d);
  const pause = pauses(signal);
  let evaluations = 0;
  for (let i = 0; i < n; i++) {
    const players = playersOf(x, i, baseline);
    const m = players.length;
    if (m > MOST_FEATURES)
      throw new ArgumentError(
        `exact Shapley values take at most ${MOST_FEATURES} features that differ from the baseline, got ${m} in row ${i}; use kernelShap`,
      );
    const scores = await subsetValues(model, x, i, baseline, players, pause);
    evaluations += scores.length;
    const weights = subsetWeights(m);
    const sizes = new Uint8Array(scores.length);
    for (let subset = 1; subset < sizes.length; subset++) sizes[subset] = sizes[subset >> 1] + (subset & 1);
    for (let p = 0; p < m; p++) {
      const bit = 1 << p;
      let sum = 0;
      for (let subset = 0; subset < scores.length; subset++)
        if ((subset & bit) === 0) sum += weights[sizes[subset]] * (scores[subset | bit] - scores[subset]);
      values[i * d + players[p]] = sum;
    }
  }
  return { attributions: { rows: n, columns: d, values }, evaluations };
}

/**
 * Shapley values: exact where all masks are enumerated; otherwise the mean over random orders of what a feature adds to
 * those before it, each order with its reverse.
 */
export async function kernelShapFormula(call: FormulaCall): Promise<Explanation> {
  const { model, x, baseline, samples, stream, signal } = call;
  const { rows: n, columns: d } = x;
  if (isEnumerated(d)) return exactShapley(model, x, baseline, signal);
  const pairs = Math.max(1, Math.round(samples / (2 * (d + 1))));
  const orders: Int32Array[] = [];
  for (let p = 0; p < pairs; p++) {
    const order = stream.permutation(d);
    orders.push(order, order.slice().reverse());
  }
  const count = orders.length * (d + 1);
  const masks = new Float64Array(count * d);
  orders.forEach((order, o) => {
    for (let size = 0; size <= d; size++)
      for (let place = 0; place < size; place++) masks[(o * (d + 1) + size) * d + order[place]] = 1;
  });
  const xi = { rows: count, columns: d, values: masks };
  const values = new Float64Array(n * d);
  const perturbed = { x, baseline, composition: "multiplicative" } as const;
  for await (const { from, to, scores } of perturbedScores(model, perturbed, xi, signal)) {
    for (let i = from; i < to; i++)
      orders.forEach((order, o) => {
        const at = (i - from) * count + o * (d + 1);
        for (let place = 0; place < d; place++)
          values[i * d + order[place]] += (scores[at + place + 1] - scores[at + place]) / orders.length;
      });
  }
  return { attributions: { rows: n, columns: d, values }, evaluations: n * count };
}
