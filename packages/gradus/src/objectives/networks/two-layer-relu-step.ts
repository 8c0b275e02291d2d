import type { HostRegression } from "./contract.ts";

/** z_j = <w_j, x> for all units, four at a time, of the row of x that begins at `from`; z from `to`. */
export function hiddenInputs(
  theta: Float64Array,
  m: number,
  d: number,
  x: Float64Array,
  from: number,
  z: Float64Array,
  to: number,
): void {
  let j = 0;
  for (; j + 4 <= m; j += 4) {
    const w0 = j * d;
    const w1 = w0 + d;
    const w2 = w1 + d;
    const w3 = w2 + d;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0; k < d; k++) {
      const value = x[from + k];
      s0 += theta[w0 + k] * value;
      s1 += theta[w1 + k] * value;
      s2 += theta[w2 + k] * value;
      s3 += theta[w3 + k] * value;
    }
    z[to + j] = s0;
    z[to + j + 1] = s1;
    z[to + j + 2] = s2;
    z[to + j + 3] = s3;
  }
  for (; j < m; j++) {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += theta[j * d + k] * x[from + k];
    z[to + j] = sum;
  }
}

interface StepperData {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly n: number;
  readonly d: number;
  readonly m: number;
}

/** A step on one example: its gradient's norm is known before the gradient is, so theta is updated at once. */
function singleStepper({ x, y, n, d, m }: StepperData) {
  const z = new Float64Array(m);
  const squares = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let k = 0; k < d; k++) squares[i] += x[i * d + k] ** 2;
  const output = m * d;

  return (theta: Float64Array, i: number, learningRate: number, clip: number): number => {
    const from = i * d;
    hiddenInputs(theta, m, d, x, from, z, 0);
    let residual = -y[i];
    let ofOutput = 0;
    let ofHidden = 0;
    for (let j = 0; j < m; j++) {
      const value = z[j];
      if (!(value > 0)) continue;
      const a = theta[output + j];
      residual += a * value;
      ofOutput += value * value;
      ofHidden += a * a;
    }
    const length = Math.abs(residual) * Math.sqrt(ofOutput + squares[i] * ofHidden);
    const scale = residual * (length > clip ? (learningRate * clip) / length : learningRate);
    for (let j = 0; j < m; j++) {
      const value = z[j];
      if (!(value > 0)) continue;
      const c = scale * theta[output + j];
      theta[output + j] -= scale * value;
      const row = j * d;
      for (let k = 0; k < d; k++) theta[row + k] -= c * x[from + k];
    }
    return length;
  };
}

/** A step on several examples: the gradient is summed unit by unit over the examples that the unit passes on. */
function batchStepper({ x, y, n, d, m }: StepperData) {
  const z = new Float64Array(n * m);
  const residuals = new Float64Array(n);
  const gradient = new Float64Array(m * d + m);
  const rows = new Int32Array(n);
  const weights = new Float64Array(n);
  const output = m * d;

  /** The gradient in w_j: the sum of weights r_i a_j times x_i over the first `count` of `rows`, two at a time. */
  function addRows(to: number, count: number): void {
    let k = 0;
    for (; k + 2 <= count; k += 2) {
      const x0 = rows[k];
      const x1 = rows[k + 1];
      const c0 = weights[k];
      const c1 = weights[k + 1];
      for (let l = 0; l < d; l++) gradient[to + l] += c0 * x[x0 + l] + c1 * x[x1 + l];
    }
    if (k < count) for (let l = 0; l < d; l++) gradient[to + l] += weights[k] * x[rows[k] + l];
  }

  return (theta: Float64Array, batch: Int32Array, B: number, learningRate: number, clip: number): number => {
    for (let b = 0; b < B; b++) {
      const i = batch[b];
      hiddenInputs(theta, m, d, x, i * d, z, b * m);
      let residual = -y[i];
      for (let j = 0; j < m; j++) {
        const value = z[b * m + j];
        if (value > 0) residual += theta[output + j] * value;
      }
      residuals[b] = residual / B;
    }
    gradient.fill(0);
    for (let j = 0; j < m; j++) {
      const a = theta[output + j];
      let count = 0;
      let ofOutput = 0;
      for (let b = 0; b < B; b++) {
        const value = z[b * m + j];
        if (!(value > 0)) continue;
        rows[count] = batch[b] * d;
        weights[count] = residuals[b] * a;
        ofOutput += residuals[b] * value;
        count += 1;
      }
      gradient[output + j] = ofOutput;
      addRows(j * d, count);
    }
    let square = 0;
    for (let k = 0; k < gradient.length; k++) square += gradient[k] * gradient[k];
    const length = Math.sqrt(square);
    const scale = length > clip ? (learningRate * clip) / length : learningRate;
    for (let k = 0; k < gradient.length; k++) theta[k] -= scale * gradient[k];
    return length;
  };
}

/** The steps of a two-layer ReLU network on its data. */
export function reluStepper(data: StepperData): HostRegression["step"] {
  const single = singleStepper(data);
  const several = batchStepper(data);
  return (theta, batch, B, { learningRate, clip }) =>
    B === 1 ? single(theta, batch[0], learningRate, clip) : several(theta, batch, B, learningRate, clip);
}
