import type { DenseMatrix } from "../../linalg/matrix.ts";
import { hiddenFeatures } from "./features.ts";
import { zeroMatrix } from "./products.ts";

/** Hidden units: unit directions, one a row, and their output weights. */
export interface Units {
  readonly directions: DenseMatrix;
  readonly alpha: Float64Array;
}

/** The units with the largest weights: the others' weights add up to `share` at most. */
export function largestUnits({ directions, alpha }: Units, share: number): Units {
  const d = directions.columns;
  const ascending = Array.from(alpha.keys()).sort((a, b) => Math.abs(alpha[a]) - Math.abs(alpha[b]));
  let sum = 0;
  const kept = ascending.filter((j) => {
    sum += Math.abs(alpha[j]);
    return sum > share;
  });
  const rows = zeroMatrix(kept.length, d);
  kept.forEach((j, i) => {
    rows.values.set(directions.values.subarray(j * d, (j + 1) * d), i * d);
  });
  return { directions: rows, alpha: Float64Array.from(kept, (j) => alpha[j]) };
}

/** Which rows a unit is active on, and the sign of its weight, as text. */
function keyOf(outputs: Float64Array, weight: number): string {
  let key = weight < 0 ? "-" : "+";
  for (let k = 0; k < outputs.length; ) {
    let bits = 0;
    for (let bit = 0; bit < 16 && k < outputs.length; bit++, k++) bits = 2 * bits + Number(outputs[k] > 0);
    key += String.fromCharCode(bits);
  }
  return key;
}

/**
 * One unit in place of all that are active on the same rows with weights of one sign: its direction and weight are those of
 * sum_j alpha_j u_j. The outputs stay as they are, and the penalty does not grow. Units of weight 0 are left out.
 */
export function mergedUnits(design: DenseMatrix, { directions, alpha }: Units): Units {
  const d = directions.columns;
  const n = design.rows;
  const { values } = hiddenFeatures(directions, design);
  const sums = new Map<string, Float64Array>();
  for (let j = 0; j < alpha.length; j++) {
    if (alpha[j] === 0) continue;
    const key = keyOf(values.subarray(j * n, (j + 1) * n), alpha[j]);
    const sum = sums.get(key) ?? new Float64Array(d);
    for (let i = 0; i < d; i++) sum[i] += alpha[j] * directions.values[j * d + i];
    sums.set(key, sum);
  }
  const rows = zeroMatrix(sums.size, d);
  const weights = new Float64Array(sums.size);
  let j = 0;
  for (const [key, sum] of sums) {
    const weight = (key.startsWith("-") ? -1 : 1) * Math.sqrt(sum.reduce((square, v) => square + v * v, 0));
    weights[j] = weight;
    if (weight !== 0) for (let i = 0; i < d; i++) rows.values[j * d + i] = sum[i] / weight;
    j++;
  }
  return { directions: rows, alpha: weights };
}
