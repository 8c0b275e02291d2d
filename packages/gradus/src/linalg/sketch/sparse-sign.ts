import { zerosOf } from "../../check/arrays.ts";
import { checkIntegerWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import { checkSketch, type Sketch } from "./contract.ts";

/**
 * The sparse sign sketch: each column has `nonzeros` entries +-1/sqrt(nonzeros) in different random rows. A product
 * costs nonzeros n operations; nearly as good as a Gaussian sketch of the same size.
 * Source: Martinsson & Tropp 2020, "Randomized numerical linear algebra: foundations and algorithms", section 9.2,
 * whose recommendation min(size, 8) is the default.
 *
 * @throws ArgumentError unless size and n are integers >= 1 and nonzeros an integer in 1 .. size
 */
export function sparseSignSketch(
  size: number,
  n: number,
  options: { nonzeros?: number; seed?: number } = {},
): Sketch {
  checkOptions("sparseSignSketch", options, ["nonzeros", "seed"]);
  const { nonzeros = Math.min(size, 8), seed = 0 } = options;
  checkSketch(size, n);
  checkIntegerWithin(1, size, { nonzeros });
  const stream = randomStream(seed);
  const values = zerosOf({ n, nonzeros });
  const places = new Int32Array(n * nonzeros);
  const height = 1 / Math.sqrt(nonzeros);
  const lastColumn = zerosOf({ size }).fill(-1); // the last column that took a row
  for (let j = 0; j < n; j++)
    for (let k = j * nonzeros; k < (j + 1) * nonzeros; k++) {
      let row = stream.integer(size);
      while (lastColumn[row] === j) row = stream.integer(size);
      lastColumn[row] = j;
      places[k] = row;
      values[k] = stream.integer(2) === 0 ? height : -height;
    }
  return {
    rows: size,
    columns: n,
    apply(x, out) {
      out.fill(0);
      for (let j = 0; j < n; j++) {
        const xj = x[j];
        for (let k = j * nonzeros; k < (j + 1) * nonzeros; k++) out[places[k]] += values[k] * xj;
      }
    },
    applyAdjoint(v, out) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = j * nonzeros; k < (j + 1) * nonzeros; k++) sum += values[k] * v[places[k]];
        out[j] = sum;
      }
    },
  };
}
