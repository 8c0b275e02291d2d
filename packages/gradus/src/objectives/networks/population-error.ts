import { ArgumentError } from "../../check/errors.ts";

/** sum_j a_j relu(<w_j, x>). */
export interface ReluUnits {
  /** m output weights. */
  readonly a: Float64Array;
  /** m x d hidden weights, row-major. */
  readonly W: Float64Array;
}

/** E relu(<w, x>) relu(<v, x>) = |w| |v| (sin t + (pi - t) cos t) / (2 pi), t the angle between w and v. */
function meanProduct(W: Float64Array, w: number, V: Float64Array, v: number, d: number): number {
  let [ww, vv, wv] = [0, 0, 0];
  for (let k = 0; k < d; k++) {
    ww += W[w + k] ** 2;
    vv += V[v + k] ** 2;
    wv += W[w + k] * V[v + k];
  }
  const size = Math.sqrt(ww * vv);
  if (size === 0) return 0;
  const cosine = Math.max(-1, Math.min(1, wv / size));
  const angle = Math.acos(cosine);
  return (size * (Math.sqrt(1 - cosine * cosine) + (Math.PI - angle) * cosine)) / (2 * Math.PI);
}

/**
 * Half the expected squared difference of two ReLU networks without biases, E (f(x) - g(x))^2 / 2, for inputs that are
 * standard normal or uniform on the sphere of radius sqrt(d): both give the same, since the square is homogeneous of
 * degree two. In closed form, by the arc-cosine kernel.
 * Source: Cho & Saul 2009, "Kernel methods for deep learning", for the kernel.
 *
 * @param d features
 * @throws ArgumentError unless both have d weights per unit
 */
export function reluPopulationError(f: ReluUnits, g: ReluUnits, d: number): number {
  for (const [name, { a, W }] of Object.entries({ f, g }))
    if (W.length !== a.length * d)
      throw new ArgumentError(`${name}.W must have ${a.length} x ${d} numbers, got ${W.length}`);
  const a = Float64Array.of(...f.a, ...g.a.map((value) => -value));
  const W = new Float64Array(a.length * d);
  W.set(f.W);
  W.set(g.W, f.W.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    sum += (a[i] ** 2 * meanProduct(W, i * d, W, i * d, d)) / 2;
    for (let j = 0; j < i; j++) sum += a[i] * a[j] * meanProduct(W, i * d, W, j * d, d);
  }
  return Math.max(0, sum);
}
