import { zerosOf } from "../../check/arrays.ts";
import { checkOptions } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import { denseMultiply, denseMultiplyTransposed } from "../dense.ts";
import { checkSketch, type Sketch } from "./contract.ts";

/**
 * The Gaussian sketch: independent entries N(0, 1/size). Keeps a k-dimensional space's lengths within
 * 1 +- (sqrt(k/size) + t) but for probability 2 exp(-size t^2 / 2). size x n numbers of memory, a dense product.
 * Source: Davidson & Szarek 2001, "Local operator theory, random matrices and Banach spaces", theorem II.13.
 *
 * @throws ArgumentError unless size and n are integers >= 1
 */
export function gaussianSketch(size: number, n: number, options: { seed?: number } = {}): Sketch {
  checkOptions("gaussianSketch", options, ["seed"]);
  const { seed = 0 } = options;
  checkSketch(size, n);
  const entries = randomStream(seed).fillNormal(zerosOf({ size, n }));
  const scale = 1 / Math.sqrt(size);
  for (let k = 0; k < entries.length; k++) entries[k] *= scale;
  return {
    rows: size,
    columns: n,
    apply(x, out) {
      denseMultiply(entries, size, n, x, out);
    },
    applyAdjoint(v, out) {
      denseMultiplyTransposed(entries, size, n, v, out);
    },
  };
}
