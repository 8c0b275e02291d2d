import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { baselineOf } from "../baseline.ts";
import { rowBlocks } from "../blocks.ts";
import { checkModel, checkRows, type ExplainableModel, valuesOf } from "../models/contract.ts";

export interface PerturbationTestOptions {
  /** Which features are perturbed: those with the smallest or the largest |w_j|; ties go to the lower index. */
  readonly order: "bottom" | "top";
  /** Sets them to the baseline, or adds normal noise. */
  readonly kind: "binary" | "continuous";
  /** K: 1 to K features are perturbed; all but 11 at most by default. */
  readonly most?: number;
  /** Standard deviation of the noise. */
  readonly noise?: number;
  /** Draws of the noise that are averaged. */
  readonly draws?: number;
  readonly seed?: number;
  /** r; zeros by default. */
  readonly baseline?: ArrayLike<number>;
  /** Rows that are tested; by default all whose attribution is not all zeros. */
  readonly rows?: ArrayLike<number>;
}

/** How much the score changes where features are perturbed in the order of an attribution. */
export interface PerturbationTest {
  /** Mean over rows of |f(x) - f(x')|, for k = 1 .. K perturbed features. */
  readonly curve: Float64Array;
  /** Standard error of each mean over rows; NaN for one row. */
  readonly standardErrors: Float64Array;
  /** Mean of the curve. */
  readonly mean: number;
  /** Rows that were left out because their attribution is all zeros. */
  readonly excluded: number;
}

/** The first `most` features by |w_j|, from the smallest or from the largest. */
function ranked(attribution: Float64Array, order: "bottom" | "top", most: number): Int32Array {
  const sign = order === "bottom" ? 1 : -1;
  return Int32Array.from(attribution.keys())
    .sort((a, b) => sign * (Math.abs(attribution[a]) - Math.abs(attribution[b])) || a - b)
    .subarray(0, most);
}

/**
 * Rows whose attributions are not all zeros in any of the given explanations: those on which they can be compared.
 *
 * @param attributions of the same rows, n x d each
 */
export function rankedRows(attributions: readonly DenseMatrix[]): Int32Array {
  const [{ rows = 0 } = {}] = attributions;
  return Int32Array.from({ length: rows }, (_, i) => i).filter((i) =>
    attributions.every(({ values, columns: d }) =>
      values.subarray(i * d, (i + 1) * d).some((value) => value !== 0),
    ),
  );
}

/** Writes a row with the first k of its ranked features replaced, for k = 1 .. K: K x d numbers. */
function writePerturbed(
  inputs: Float64Array,
  row: Float64Array,
  ranking: Int32Array,
  perturbed: (j: number) => number,
): void {
  const d = row.length;
  for (let k = 1; k <= ranking.length; k++) {
    const input = inputs.subarray((k - 1) * d, k * d);
    input.set(row);
    for (const j of ranking.subarray(0, k)) input[j] = perturbed(j);
  }
}

/**
 * The perturbation test of faithfulness: perturbs the k features of least (bottom) or most (top) attribution, k = 1 .. K,
 * and measures |f(x) - f(x')|. An explanation that is faithful has a low curve for bottom and a high one for top.
 * Source: Han, Srinivas & Lakkaraju 2022, figure 3; Petsiuk, Das & Saenko 2018.
 *
 * @param x rows, n x d
 * @param attributions w of each row, n x d
 * @throws ArgumentError when no row is left, shapes do not fit, or an option is unknown or out of range
 * @throws DataError when x, an attribution, the baseline or a score is not finite
 */
export async function perturbationTest(
  model: ExplainableModel,
  x: DenseMatrix,
  attributions: DenseMatrix,
  options: PerturbationTestOptions,
): Promise<PerturbationTest> {
  checkGivenOptions("perturbationTest", options, [
    ...["order", "kind", "most", "noise", "draws", "seed", "baseline", "rows"],
  ]);
  checkModel(model);
  checkRows("x", x, model.features);
  checkFiniteDense("attributions", attributions);
  const { rows: n, columns: d } = x;
  if (attributions.rows !== n || attributions.columns !== d)
    throw new ArgumentError(
      `attributions must be ${n} x ${d}, got ${attributions.rows} x ${attributions.columns}`,
    );
  const { order, kind, most = Math.min(11, d), noise = 0.1, draws: given = 100, seed = 1 } = options;
  checkOneOf(["bottom", "top"], { order });
  checkOneOf(["binary", "continuous"], { kind });
  checkIntegerWithin(1, d, { most });
  checkPositive({ noise });
  checkPositiveInteger({ draws: given });
  const baseline = baselineOf(options.baseline, d);
  const nonzero = rankedRows([attributions]);
  const tested = options.rows ? Int32Array.from(options.rows) : nonzero;
  for (const [i, row] of tested.entries()) checkIntegerWithin(0, n - 1, { [`rows[${i}]`]: row });
  if (tested.length === 0) throw new ArgumentError("every attribution is all zeros: no row can be tested");
  const draws = kind === "binary" ? 1 : given;
  const stream = randomStream(seed);
  const original = await valuesOf(model, x);
  const sums = new Float64Array(most);
  const squares = new Float64Array(most);
  for (const [from, to] of rowBlocks(tested.length, most * draws * d)) {
    const inputs = new Float64Array((to - from) * most * draws * d);
    const noises = new Float64Array(d);
    let at = 0;
    for (let t = from; t < to; t++) {
      const row = x.values.subarray(tested[t] * d, (tested[t] + 1) * d);
      const places = ranked(attributions.values.subarray(tested[t] * d, (tested[t] + 1) * d), order, most);
      for (let draw = 0; draw < draws; draw++, at += most * d) {
        // one draw of noise for all k: the features of k - 1 and one more
        if (kind === "continuous") stream.fillNormal(noises);
        writePerturbed(inputs.subarray(at, at + most * d), row, places, (j) =>
          kind === "binary" ? baseline[j] : row[j] + noise * noises[j],
        );
      }
    }
    const scores = await valuesOf(model, { rows: inputs.length / d, columns: d, values: inputs });
    for (let t = from; t < to; t++)
      for (let k = 0; k < most; k++) {
        let change = 0;
        for (let draw = 0; draw < draws; draw++)
          change += Math.abs(scores[((t - from) * draws + draw) * most + k] - original[tested[t]]) / draws;
        sums[k] += change;
        squares[k] += change * change;
      }
  }
  const count = tested.length;
  const curve = sums.map((sum) => sum / count);
  const standardErrors = squares.map((square, k) =>
    Math.sqrt(Math.max(0, square / count - curve[k] ** 2) / (count - 1)),
  );
  const mean = curve.reduce((sum, value) => sum + value, 0) / most;
  return { curve, standardErrors, mean, excluded: n - nonzero.length };
}
