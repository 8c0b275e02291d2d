import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { Pieces } from "./pieces.ts";
import { type Factor, productInto, productTransposedInto, rowRange, zeroMatrix } from "./products.ts";

/** h of each row, and `inputs` overwritten by nu where the input is positive, else 0. */
export function scoreRows(inputs: DenseMatrix, nu: Float64Array, scores: Float64Array): void {
  const { rows, columns: n, values } = inputs;
  for (let i = 0, at = 0; i < rows; i++) {
    let sum = 0;
    for (let k = 0; k < n; k++, at++) {
      const input = values[at];
      values[at] = input > 0 ? nu[k] : 0;
      if (input > 0) sum += nu[k] * input;
    }
    scores[i] = sum;
  }
}

/** trial = (best + t gradient) / |best + t gradient|  for the numbers of one row. */
function normalizedStep(
  trial: Float64Array,
  best: Float64Array,
  t: number,
  gradient: Float64Array,
  from: number,
  to: number,
): void {
  let square = 0;
  for (let at = from; at < to; at++) {
    trial[at] = best[at] + t * gradient[at];
    square += trial[at] * trial[at];
  }
  // a step onto 0 is none
  const size = square > 0 ? Math.sqrt(square) : 1;
  for (let at = from; at < to; at++) trial[at] /= size;
}

/** Rows that climb together. */
const BLOCK = 256;
const LONGER = 1.6;
const SHORTER = 0.4;

/**
 * Gradient ascent of  |h(u)|, h(u) = nu^T (X u)_+, |u| = 1,  from many rows at once, by two matrix products a step:
 *
 *     u = (u + t X^T D nu) / |u + t X^T D nu|,   D the pattern of X u,
 *
 * each row with its own step t, longer after a gain and shorter otherwise. It ends near kinks that it cannot cross: what
 * it finds is where `Climber` starts.
 *
 * @param directions unit rows, overwritten by the best found
 * @returns h of each row
 */
export function* ascents(
  X: Factor,
  nu: Float64Array,
  directions: DenseMatrix,
  steps: number,
): Pieces<Float64Array> {
  const { rows, columns: d } = directions;
  const most = Math.min(BLOCK, rows);
  const [inputs, slopes, trials] = [zeroMatrix(most, nu.length), zeroMatrix(most, d), zeroMatrix(most, d)];
  const gradients = new Float64Array(most * d);
  const [scores, reached, lengths, signs] = Array.from({ length: 4 }, () => new Float64Array(most));
  const found = new Float64Array(rows);
  for (let first = 0; first < rows; first += BLOCK) {
    const count = Math.min(BLOCK, rows - first);
    const best = rowRange(directions, first, count).values;
    const [trial, input, slope] = [trials, inputs, slopes].map((matrix) => rowRange(matrix, 0, count));
    trial.values.set(best);
    for (let step = 0; step <= steps; step++) {
      productTransposedInto(trial, X, input);
      scoreRows(input, nu, scores);
      productInto(input, X, slope);
      for (let i = 0; i < count; i++) {
        const from = i * d;
        if (step === 0) signs[i] = scores[i] < 0 ? -1 : 1;
        const height = signs[i] * scores[i];
        if (step === 0 || height > reached[i]) {
          reached[i] = height;
          let square = 0;
          for (let at = from; at < from + d; at++) {
            best[at] = trial.values[at];
            gradients[at] = signs[i] * slope.values[at];
            square += gradients[at] * gradients[at];
          }
          lengths[i] = step > 0 ? LONGER * lengths[i] : square > 0 ? 1 / Math.sqrt(square) : 0;
        } else lengths[i] *= SHORTER;
        normalizedStep(trial.values, best, lengths[i], gradients, from, from + d);
      }
      yield;
    }
    for (let i = 0; i < count; i++) found[first + i] = signs[i] * reached[i];
  }
  return found;
}
