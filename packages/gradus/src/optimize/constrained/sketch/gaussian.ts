import { dot } from "../../../linalg/vector.ts";
import type { DesignMap } from "../../../objectives/design-map.ts";
import type { RandomStream } from "../../../random/stream.ts";
import type { SketchProjector } from "./contract.ts";

/**
 * Gaussian vector sketch: g ~ N(0, I), w = A^T g,  z <- z - ((w^T z - g^T b) / ||w||^2) w.  One product with A^T a
 * step; unlike rows, it does not depend on the coordinates in which the equations are written.
 * Source: Gower & Richtarik 2015, "Randomized iterative methods for linear systems", section 3.
 *
 * @param entries numbers of A that a product reads
 */
export function gaussianVector(
  { rows, columns, adjoint }: DesignMap,
  b: Float64Array,
  stream: RandomStream,
  entries: number,
): SketchProjector {
  const g = new Float64Array(rows);
  const w = new Float64Array(columns);
  return {
    flopsPerStep: 2 * entries + 2 * rows + 6 * columns,
    storage: rows + columns,
    advance(z, steps) {
      for (let step = 0; step < steps; step++) {
        adjoint(stream.fillNormal(g), w);
        const square = dot(w, w);
        if (square === 0) continue;
        const factor = (dot(w, z) - dot(g, b)) / square;
        for (let j = 0; j < columns; j++) z[j] -= factor * w[j];
      }
    },
  };
}
