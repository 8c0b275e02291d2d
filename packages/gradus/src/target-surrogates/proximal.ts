/** The part of a surrogate that depends on the targets: sum over rows of <g, z - z_t> + D(z, z_t) / eta. */
export interface ProximalModel {
  /** The model's value up to a constant. */
  value(z: Float64Array): number;
  /** The constant that `value` omits: value(z_t) + shift = 0. */
  readonly shift: number;
  /** The gradient in the targets. */
  cotangents(z: Float64Array): Float64Array;
  /** The weights w of a quadratic form, D / eta = sum w (z - z_t)^2 / 2, one per target. */
  readonly weights?: Float64Array;
}

/**
 * The quadratic form  sum <g, z - z_t> + w (z - z_t)^2 / 2 = sum w (z - (z_t - g / w))^2 / 2 - g^2 / (2 w),  of which
 * `value` is the sum of squares: it stays accurate where differences of losses would cancel.
 */
export function quadraticModel(anchor: Float64Array, g: Float64Array, weights: Float64Array): ProximalModel {
  let shift = 0;
  const center = new Float64Array(g.length); // z_t - g / w
  for (let j = 0; j < g.length; j++) {
    shift -= (g[j] * g[j]) / (2 * weights[j]);
    center[j] = anchor[j] - g[j] / weights[j];
  }
  return {
    weights,
    shift,
    value(z) {
      let sum = 0;
      for (let j = 0; j < z.length; j++) {
        const residual = z[j] - center[j];
        sum += weights[j] * residual * residual;
      }
      return sum / 2;
    },
    cotangents(z) {
      const out = new Float64Array(z.length);
      for (let j = 0; j < z.length; j++) out[j] = g[j] + weights[j] * (z[j] - anchor[j]);
      return out;
    },
  };
}

/** Softmax of each row. */
export function probabilities(logits: Float64Array, outputs: number): Float64Array<ArrayBuffer> {
  const pi = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += outputs) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = start; j < start + outputs; j++) largest = Math.max(largest, logits[j]);
    let sum = 0;
    for (let j = start; j < start + outputs; j++) {
      pi[j] = Math.exp(logits[j] - largest);
      sum += pi[j];
    }
    for (let j = start; j < start + outputs; j++) pi[j] /= sum;
  }
  return pi;
}

/**
 * The mirror-descent form for a softmax policy: <g, pi - pi_t> + KL(pi || pi_t) / eta, where the targets are the
 * probabilities pi = softmax(z). Its unconstrained minimizer is pi_t e^(-eta g), normalized.
 *
 * @param anchor logits z_t
 * @param g the loss's gradient in the probabilities
 */
export function mirrorModel(
  anchor: Float64Array,
  g: Float64Array,
  { eta, outputs }: { readonly eta: number; readonly outputs: number },
): ProximalModel {
  const before = probabilities(anchor, outputs);
  return {
    shift: 0,
    value(z) {
      const pi = probabilities(z, outputs);
      let sum = 0;
      for (let j = 0; j < z.length; j++) {
        sum += g[j] * (pi[j] - before[j]);
        if (pi[j] > 0) sum += (pi[j] * Math.log(pi[j] / before[j])) / eta;
      }
      return sum;
    },
    cotangents(z) {
      const pi = probabilities(z, outputs);
      const slope = pi.map((p, j) => (p > 0 ? g[j] + Math.log(p / before[j]) / eta : 0));
      const out = new Float64Array(z.length);
      for (let start = 0; start < z.length; start += outputs) {
        let mean = 0;
        for (let j = start; j < start + outputs; j++) mean += pi[j] * slope[j];
        for (let j = start; j < start + outputs; j++) out[j] = pi[j] * (slope[j] - mean);
      }
      return out;
    },
  };
}
