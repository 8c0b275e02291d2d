import { norm2 } from "../../../linalg/vector.ts";
import { randomStream } from "../../../random/stream.ts";
import type { BlockProblem } from "../problem.ts";
import type { LargestFinder } from "./largest.ts";

const ROUNDS = 10;
const SETTLED = 1e-10;

type BoundProduct = NonNullable<BlockProblem["boundProduct"]>;

/** The largest eigenvalue of the bound H of all coordinates, by the power method; up to 1 % too large. */
function largestBoundEigenvalue(product: BoundProduct, n: number): number {
  const all = Int32Array.from({ length: n }, (_, i) => i);
  const v = randomStream(0).fillNormal(new Float64Array(n));
  const image = new Float64Array(n);
  let value = norm2(v);
  for (let k = 0; k < 200; k++) {
    for (let i = 0; i < n; i++) v[i] /= value;
    product(all, v, image);
    const next = norm2(image);
    if (next === 0) return 0;
    v.set(image);
    const settled = Math.abs(next - value) <= 1e-4 * next;
    value = next;
    if (settled) break;
  }
  return 1.01 * value;
}

/**
 * Iterative hard thresholding for the best |b| coordinates of the quadratic bound:
 *
 *     min g^T d + d^T H d / 2  over ||d||_0 <= |b|,   d <- keep_|b|( d - (g + H d) / lambda_max(H) )
 *
 * from the |b| largest g_i^2 / L_i with d_i = -g_i / L_i; at most 10 rounds. The block is the support of d.
 *
 * @returns a function from the gradient to a block, overwritten by the next call
 */
export function iterativeHardThresholding(
  { dimension: n, lipschitz }: BlockProblem,
  product: BoundProduct,
  size: number,
  finder: LargestFinder,
): (g: Float64Array) => Int32Array {
  const largest = largestBoundEigenvalue(product, n);
  const scores = new Float64Array(n);
  const image = new Float64Array(n);
  const d = new Float64Array(size);
  const next = new Float64Array(n);
  const block = new Int32Array(size);

  return (g) => {
    for (let i = 0; i < n; i++)
      scores[i] = lipschitz[i] > 0 ? g[i] ** 2 / lipschitz[i] : Number.NEGATIVE_INFINITY;
    let kept = finder.find(scores, size);
    let count = kept.length;
    block.set(kept);
    for (let p = 0; p < count; p++) d[p] = -g[block[p]] / lipschitz[block[p]];
    if (largest === 0) return block.subarray(0, count);
    for (let round = 0; round < ROUNDS; round++) {
      product(block.subarray(0, count), d, image);
      for (let i = 0; i < n; i++) next[i] = -(g[i] + image[i]) / largest;
      for (let p = 0; p < count; p++) next[block[p]] += d[p];
      for (let i = 0; i < n; i++) scores[i] = lipschitz[i] > 0 ? Math.abs(next[i]) : Number.NEGATIVE_INFINITY;
      kept = finder.find(scores, size);
      let change = 0;
      let same = kept.length === count;
      for (let p = 0; p < kept.length && same; p++) {
        same = kept[p] === block[p];
        change = Math.max(change, Math.abs(next[kept[p]] - d[p]));
      }
      count = kept.length;
      block.set(kept);
      for (let p = 0; p < count; p++) d[p] = next[block[p]];
      if (same && change < SETTLED) break;
    }
    return block.subarray(0, count);
  };
}
