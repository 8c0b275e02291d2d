import type { LabeledRows } from "gradus/data";

/** A layer of ten outputs: W x + b, rectified, normalized over the batch without scale, softmax cross-entropy. */
const CLASSES = 10;
const EPSILON = 1e-4;

/** Where the rows of a batch are in the data. */
export interface Batch {
  readonly rows: LabeledRows;
  readonly picked: Int32Array;
}

/** Numbers of a network on rows of d features: 10 d weights and 10 offsets. */
export const networkSize = (features: number): number => CLASSES * (features + 1);

/** The logits of one network, batch x 10: rectified outputs with mean 0 and variance 1 over the batch, by class. */
function logits(theta: Float64Array, { rows, picked }: Batch, into: Float64Array): void {
  const { columns: d, values } = rows.x;
  const n = picked.length;
  for (let k = 0; k < CLASSES; k++) {
    const w = k * d;
    let [sum, square] = [0, 0];
    for (let i = 0; i < n; i++) {
      const at = picked[i] * d;
      let z = theta[CLASSES * d + k];
      for (let j = 0; j < d; j++) z += theta[w + j] * values[at + j];
      const h = Math.max(z, 0);
      into[i * CLASSES + k] = h;
      sum += h;
      square += h * h;
    }
    const mean = sum / n;
    const scale = 1 / Math.sqrt(Math.max(0, square / n - mean * mean) + EPSILON);
    for (let i = 0; i < n; i++) into[i * CLASSES + k] = (into[i * CLASSES + k] - mean) * scale;
  }
}

/** Mean cross-entropies of many networks on a batch, divided by 10. */
export function networkLosses(thetas: Float64Array, batch: Batch): Float64Array {
  const { rows, picked } = batch;
  const size = networkSize(rows.x.columns);
  const out = new Float64Array(picked.length * CLASSES);
  const losses = new Float64Array(thetas.length / size);
  for (let m = 0; m < losses.length; m++) {
    logits(thetas.subarray(m * size, (m + 1) * size), batch, out);
    let total = 0;
    for (let i = 0; i < picked.length; i++) {
      const row = out.subarray(i * CLASSES, (i + 1) * CLASSES);
      let largest = row[0];
      for (let k = 1; k < CLASSES; k++) if (row[k] > largest) largest = row[k];
      let sum = 0;
      for (let k = 0; k < CLASSES; k++) sum += Math.exp(row[k] - largest);
      total += largest + Math.log(sum) - row[rows.y[picked[i]]];
    }
    losses[m] = total / (picked.length * CLASSES);
  }
  return losses;
}

/** The share of the batch whose largest logit is that of its label. */
export function networkAccuracy(theta: Float64Array, batch: Batch): number {
  const { rows, picked } = batch;
  const out = new Float64Array(picked.length * CLASSES);
  logits(theta, batch, out);
  let right = 0;
  for (let i = 0; i < picked.length; i++) {
    const row = out.subarray(i * CLASSES, (i + 1) * CLASSES);
    if (row.indexOf(Math.max(...row)) === rows.y[picked[i]]) right += 1;
  }
  return right / picked.length;
}
