import type { DenseMatrix } from "../../linalg/matrix.ts";

/** h(u) and  X u. */
function inputsAt({ rows, columns, values }: DenseMatrix, u: Float64Array, inputs: Float64Array): void {
  for (let k = 0, at = 0; k < rows; k++) {
    let sum = 0;
    for (let j = 0; j < columns; j++, at++) sum += values[at] * u[j];
    inputs[k] = sum;
  }
}

/** Sweeps over all rows, and after each over those whose p_k is inside its box: at most about d of them at a solution. */
const SWEEPS = 30;
const INNER_SWEEPS = 10;
const ROUNDS = 40;
const SETTLED = 1e-9;
const SMALL_GAIN = 1e-10;

/**
 * Local ascent on  h(u) = sum_k nu_k (x_k^T u)_+  over |u| <= 1, which never falls. h is a difference of convex functions:
 * its terms with nu_k > 0 are replaced by their tangents at u, g^T u, and the rest is solved by its dual,
 *
 *     max over |u| <= 1 of  g^T u - sum_{nu_k < 0} |nu_k| (x_k^T u)_+  =  min over 0 <= p_k <= |nu_k| of  |g - sum_k p_k x_k|,
 *
 * a least-squares problem in a box, by coordinate descent over all rows in turn with those that are inside the box; u is the
 * residual, normalized.
 */
export class Climber {
  readonly #design: DenseMatrix;
  readonly #squares: Float64Array;
  readonly #inputs: Float64Array;
  readonly #weights: Float64Array;
  readonly #residual: Float64Array;
  readonly #free: Int32Array;

  constructor(design: DenseMatrix) {
    const { rows, columns, values } = design;
    this.#design = design;
    this.#inputs = new Float64Array(rows);
    this.#weights = new Float64Array(rows);
    this.#residual = new Float64Array(columns);
    this.#free = new Int32Array(rows);
    this.#squares = Float64Array.from({ length: rows }, (_, k) => {
      let sum = 0;
      for (let at = k * columns; at < (k + 1) * columns; at++) sum += values[at] * values[at];
      return sum;
    });
  }

  /** h(u), with X u left in `inputs`. */
  #height(nu: Float64Array, u: Float64Array): number {
    inputsAt(this.#design, u, this.#inputs);
    let sum = 0;
    for (let k = 0; k < nu.length; k++) if (this.#inputs[k] > 0) sum += nu[k] * this.#inputs[k];
    return sum;
  }

  /** Moves `residual` to  g - sum_k p_k x_k  for the tangents at the inputs of the last height. */
  #solve(nu: Float64Array): void {
    const { columns: d, values } = this.#design;
    const residual = this.#residual.fill(0);
    const p = this.#weights;
    for (let k = 0; k < nu.length; k++) {
      if (nu[k] < 0) p[k] = this.#inputs[k] > 0 ? -nu[k] : 0;
      const share = this.#inputs[k] > 0 ? nu[k] : 0;
      if (share !== 0) for (let j = 0, at = k * d; j < d; j++, at++) residual[j] += share * values[at];
    }
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      let free = 0;
      let moved = 0;
      let size = 0;
      for (let k = 0; k < nu.length; k++) {
        if (!(nu[k] < 0) || this.#squares[k] === 0) continue;
        const step = this.#step(nu, k);
        moved += step * step * this.#squares[k];
        size += p[k] * p[k] * this.#squares[k];
        if (p[k] > 0 && p[k] < -nu[k]) this.#free[free++] = k;
      }
      if (moved <= SETTLED * SETTLED * size) return;
      for (let inner = 0; inner < INNER_SWEEPS; inner++) {
        let shifted = 0;
        for (let at = 0; at < free; at++) {
          const k = this.#free[at];
          const step = this.#step(nu, k);
          shifted += step * step * this.#squares[k];
        }
        if (shifted <= SETTLED * SETTLED * size) break;
      }
    }
  }

  /** Minimizes |residual| over p_k alone; returns the change of p_k. */
  #step(nu: Float64Array, k: number): number {
    const { columns: d, values } = this.#design;
    const residual = this.#residual;
    const from = k * d;
    let slope = 0;
    for (let j = 0, at = from; j < d; j++, at++) slope += values[at] * residual[j];
    const before = this.#weights[k];
    const next = Math.min(-nu[k], Math.max(0, before + slope / this.#squares[k]));
    const step = next - before;
    if (step === 0) return 0;
    this.#weights[k] = next;
    for (let j = 0, at = from; j < d; j++, at++) residual[j] -= step * values[at];
    return step;
  }

  /**
   * Climbs from u, which is overwritten by a unit direction.
   *
   * @returns h there
   */
  climb(nu: Float64Array, u: Float64Array): number {
    let height = this.#height(nu, u);
    for (let round = 0; round < ROUNDS; round++) {
      this.#solve(nu);
      let square = 0;
      for (const value of this.#residual) square += value * value;
      if (square === 0) break;
      const length = Math.sqrt(square);
      const next = this.#residual.map((value) => value / length);
      const reached = this.#height(nu, next);
      if (!(reached > height + SMALL_GAIN * Math.abs(height))) break;
      height = reached;
      u.set(next);
    }
    return height;
  }
}
