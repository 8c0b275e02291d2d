import { spreadOf } from "./reduction.ts";
import { BLOCK, innerProduct, meanVector, type Vector, zerosAs } from "./vector.ts";

/** The quantities of a round's honest models from which distances follow, each computed at most once. */
export interface Geometry {
  readonly honest: readonly Vector[];
  /** The mean of the honest models. */
  readonly mean: Float64Array;
  /** Inner products of the honest models minus their mean, h x h. */
  readonly gram: Float64Array;
  /** Mean squared distance of the honest models from their mean. */
  readonly spread: number;
  /** Squared norms of the honest models. */
  readonly squaredNorms: Float64Array;
  /** Inner products of the honest models minus their mean with a vector. */
  products(vector: Vector): Float64Array;
}

function centeredBlock(
  rows: readonly Vector[],
  mean: Float64Array,
  start: number,
  end: number,
  block: Float64Array,
): void {
  rows.forEach((row, i) => {
    const at = i * BLOCK - start;
    for (let k = start; k < end; k++) block[at + k] = row[k] - mean[k];
  });
}

/**
 * Inner products of the rows minus their mean. Without subtracting the mean, the differences of nearly equal models
 * would be lost to rounding.
 */
function centeredGram(rows: readonly Vector[], mean: Float64Array): Float64Array<ArrayBuffer> {
  const count = rows.length;
  const gram = new Float64Array(count * count);
  // An odd last row is paired with a row of zeros.
  const padded = count + (count % 2);
  const block = new Float64Array(padded * BLOCK);
  for (let start = 0; start < mean.length; start += BLOCK) {
    const length = Math.min(BLOCK, mean.length - start);
    centeredBlock(rows, mean, start, start + length, block);
    for (let i = 0; i < padded; i += 2) {
      const a = i * BLOCK;
      const b = a + BLOCK;
      for (let j = 0; j <= i; j += 2) {
        const c = j * BLOCK;
        const e = c + BLOCK;
        let ac = 0;
        let ae = 0;
        let bc = 0;
        let be = 0;
        for (let k = 0; k < length; k++) {
          const va = block[a + k];
          const vb = block[b + k];
          const vc = block[c + k];
          const ve = block[e + k];
          ac += va * vc;
          ae += va * ve;
          bc += vb * vc;
          be += vb * ve;
        }
        gram[i * count + j] += ac;
        if (j + 1 < count) gram[i * count + j + 1] += ae;
        if (i + 1 < count) {
          gram[(i + 1) * count + j] += bc;
          if (j + 1 < count) gram[(i + 1) * count + j + 1] += be;
        }
      }
    }
  }
  for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) gram[j * count + i] = gram[i * count + j];
  return gram;
}

/** (row - mean) . vector; row . vector - mean . vector would cancel. Four parallel sums. */
function centeredProduct(row: Vector, mean: Float64Array, vector: Vector): number {
  let [a, b, c, e] = [0, 0, 0, 0];
  const whole = row.length - (row.length % 4);
  for (let k = 0; k < whole; k += 4) {
    a += (row[k] - mean[k]) * vector[k];
    b += (row[k + 1] - mean[k + 1]) * vector[k + 1];
    c += (row[k + 2] - mean[k + 2]) * vector[k + 2];
    e += (row[k + 3] - mean[k + 3]) * vector[k + 3];
  }
  for (let k = whole; k < row.length; k++) a += (row[k] - mean[k]) * vector[k];
  return a + b + (c + e);
}

/**
 * The geometry of honest models.
 *
 * @param known their mean and Gram matrix, if a faster implementation has computed them already
 */
export function geometryOf(
  honest: readonly Vector[],
  known?: { readonly mean: Float64Array; readonly gram: Float64Array },
): Geometry {
  const mean = known?.mean ?? meanVector(honest);
  let gram = known?.gram;
  let squaredNorms: Float64Array | undefined;
  return {
    honest,
    mean,
    get gram() {
      gram ??= centeredGram(honest, mean);
      return gram;
    },
    get spread() {
      if (!gram) return spreadOf(honest, mean);
      let trace = 0;
      for (let i = 0; i < gram.length; i += honest.length + 1) trace += gram[i];
      return trace / honest.length;
    },
    get squaredNorms() {
      squaredNorms ??= Float64Array.from(honest, (row) => innerProduct(row, row));
      return squaredNorms;
    },
    products: (vector) => Float64Array.from(honest, (row) => centeredProduct(row, mean, vector)),
  };
}

/** The same geometry in arrays of its own, the Gram matrix copied when first read. */
export function copyOfGeometry(geometry: Geometry): Geometry {
  const honest = geometry.honest.map((row) => row.slice());
  let gram: Float64Array | undefined;
  return {
    honest,
    mean: geometry.mean.slice(),
    get gram() {
      gram ??= geometry.gram.slice();
      return gram;
    },
    get spread() {
      return geometry.spread;
    },
    get squaredNorms() {
      return geometry.squaredNorms.slice();
    },
    products: (vector) => geometry.products(vector),
  };
}

/** The coordinate-wise standard deviation of the rows about their mean, with divisor rows - 1. */
export function standardDeviation(rows: readonly Vector[], mean: Float64Array): Float64Array<ArrayBuffer> {
  const deviation = new Float64Array(mean.length);
  const freedom = Math.max(1, rows.length - 1);
  for (let start = 0; start < mean.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, mean.length);
    for (const row of rows)
      for (let k = start; k < end; k++) {
        const difference = row[k] - mean[k];
        deviation[k] += difference * difference;
      }
    for (let k = start; k < end; k++) deviation[k] = Math.sqrt(deviation[k] / freedom);
  }
  return deviation;
}

/** A copy in the precision of `like`. */
export function copyAs(like: Vector, values: ArrayLike<number>): Vector {
  const copy = zerosAs(like, values.length);
  copy.set(values);
  return copy;
}
