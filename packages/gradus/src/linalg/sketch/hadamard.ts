import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import { checkSketch, type Sketch } from "./contract.ts";

/**
 * The Walsh-Hadamard transform in place, without scaling: H x with H of entries +-1, H H = N I. N log2 N additions.
 *
 * @param x N numbers, N a power of 2
 * @returns x
 * @throws ArgumentError unless N is a power of 2
 */
export function walshHadamard(x: Float64Array): Float64Array {
  const N = x.length;
  if (N === 0 || (N & (N - 1)) !== 0) throw new ArgumentError(`x must have a power of 2 numbers, got ${N}`);
  for (let half = 1; half < N; half *= 2)
    for (let block = 0; block < N; block += 2 * half)
      for (let i = block; i < block + half; i++) {
        const a = x[i];
        const b = x[i + half];
        x[i] = a + b;
        x[i + half] = a - b;
      }
  return x;
}

/**
 * The subsampled randomized Hadamard transform
 *
 *     S = sqrt(N / size) R H D,
 *
 * D random signs, H the orthogonal Walsh-Hadamard matrix of order N, the next power of 2 from n, R `size` different
 * rows at random. A product costs N log2 N. With size >= 4 (sqrt(k) + sqrt(8 ln(k n)))^2 ln k the singular values of
 * S on a k-dimensional space lie in [0.40, 1.48], but for probability O(1/k).
 * Source: Tropp 2011, "Improved analysis of the subsampled randomized Hadamard transform", theorem 1.3.
 *
 * @throws ArgumentError unless n is an integer >= 1 and size an integer in 1 .. N
 */
export function hadamardSketch(size: number, n: number, options: { seed?: number } = {}): Sketch {
  checkOptions("hadamardSketch", options, ["seed"]);
  const { seed = 0 } = options;
  checkSketch(size, n);
  let N = 1;
  while (N < n) N *= 2;
  if (size > N)
    throw new ArgumentError(`size must be at most N = ${N}, the power of 2 from n = ${n}, got ${size}`);
  const work = zerosOf({ N });
  const stream = randomStream(seed);
  const signs = Float64Array.from({ length: n }, () => (stream.integer(2) === 0 ? 1 : -1));
  const selected = stream.permutation(N).subarray(0, size);
  const scale = 1 / Math.sqrt(size); // sqrt(N / size) and the 1/sqrt(N) of H
  return {
    rows: size,
    columns: n,
    apply(x, out) {
      for (let j = 0; j < n; j++) work[j] = signs[j] * x[j];
      work.fill(0, n);
      walshHadamard(work);
      for (let i = 0; i < size; i++) out[i] = scale * work[selected[i]];
    },
    applyAdjoint(v, out) {
      work.fill(0);
      for (let i = 0; i < size; i++) work[selected[i]] = v[i];
      walshHadamard(work);
      for (let j = 0; j < n; j++) out[j] = scale * signs[j] * work[j];
    },
  };
}
