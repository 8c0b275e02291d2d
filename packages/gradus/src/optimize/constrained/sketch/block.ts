import { qrApply, qrFactorize, qrRank } from "../../../linalg/factorize/qr.ts";
import { denseMatrix } from "../../../linalg/matrix.ts";
import type { DesignMap } from "../../../objectives/design-map.ts";
import type { RandomStream } from "../../../random/stream.ts";
import type { SketchProjector } from "./contract.ts";

/**
 * z <- z - W^+ (W z - v): the nearest point that satisfies the block's equations W z = v, by a pivoted QR
 * factorization of W^T. Equations that depend on others (to rounding) are left out: in a consistent system they say
 * nothing new.
 *
 * @param transposed W^T, columns x size, row-major
 */
function projectOnBlock(
  transposed: Float64Array,
  columns: number,
  size: number,
  v: Float64Array,
  z: Float64Array,
): void {
  const F = qrFactorize(denseMatrix(transposed, columns, size), { pivoting: true });
  const rank = qrRank(F);
  const { packed, permutation } = F;
  const excess = new Float64Array(rank);
  for (let k = 0; k < rank; k++) {
    const equation = permutation[k];
    let sum = -v[equation];
    for (let j = 0; j < columns; j++) sum += transposed[j * size + equation] * z[j];
    excess[k] = sum;
  }
  const y = new Float64Array(columns); // R^T y = excess
  for (let k = 0; k < rank; k++) {
    let sum = excess[k];
    for (let i = 0; i < k; i++) sum -= packed[k * columns + i] * y[i];
    y[k] = sum / packed[k * columns + k];
  }
  qrApply(F, y);
  for (let j = 0; j < columns; j++) z[j] -= y[j];
}

/**
 * Block sketches of `size` columns: different rows of A, all sets equally likely (block Kaczmarz), or Gaussian
 * combinations of all rows. With `size` = rows a step is an exact solve.
 * Source: Gower & Richtarik 2015, equation (8); rows: Needell & Tropp 2014, "Paved with good intentions".
 *
 * @param map A
 * @param entries numbers of A that a product reads
 */
export function blockProjector(
  map: DesignMap,
  b: Float64Array,
  stream: RandomStream,
  { size, gaussian, entries }: { size: number; gaussian: boolean; entries: number },
): SketchProjector {
  const { rows, columns, adjoint } = map;
  const transposed = new Float64Array(columns * size);
  const v = new Float64Array(size);
  const sketch = new Float64Array(rows);
  const column = new Float64Array(columns);
  const order = new Int32Array(rows);

  function take(k: number): void {
    adjoint(sketch, column);
    for (let j = 0; j < columns; j++) transposed[j * size + k] = column[j];
  }

  function draw(): void {
    for (let i = 0; i < rows; i++) order[i] = i; // so that a draw depends on the stream alone
    for (let k = 0; k < size; k++) {
      if (gaussian) {
        stream.fillNormal(sketch);
        v[k] = 0;
        for (let i = 0; i < rows; i++) v[k] += sketch[i] * b[i];
        take(k);
        continue;
      }
      const place = k + stream.integer(rows - k);
      const i = order[place];
      order[place] = order[k];
      order[k] = i;
      v[k] = b[i];
      sketch.fill(0);
      sketch[i] = 1;
      take(k);
    }
  }

  return {
    flopsPerStep: (gaussian ? 2 * size * entries + 2 * size * rows : 0) + 4 * columns * size * size,
    storage: 2 * columns * size + rows + 3 * columns,
    advance(z, steps) {
      for (let step = 0; step < steps; step++) {
        draw();
        projectOnBlock(transposed, columns, size, v, z);
      }
    },
  };
}
