import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { LinearOperator } from "../operator/contract.ts";
import { gridDomain } from "./domain.ts";

export interface StencilOptions {
  /** Cells along each of 1 to 3 axes, the slowest first. */
  readonly shape: readonly number[];
  /** Sizes of the stencil along the axes, odd. */
  readonly size: readonly number[];
  /** The stencil's numbers, row-major; its middle is the cell itself. */
  readonly weights: ArrayLike<number>;
}

/** One number of a stencil: how far away its cell is, along the axes and in the numbering. */
interface Tap {
  readonly offsets: readonly number[];
  readonly step: number;
  readonly weight: number;
}

/** Values along 1 to 3 axes, with what the axes in front have. */
const inSpace = (values: readonly number[], filler: number): readonly number[] => [
  ...new Array<number>(3 - values.length).fill(filler),
  ...values,
];

/**
 * A stencil with constant numbers on a box, 0 outside:  (A x)_k = sum_o w_o x_{k + o}; with 3 x 3 numbers the nine-point
 * Laplacian. Symmetric where w_o = w_{-o}, which the operator then says.
 *
 * @throws ArgumentError, DataError unless sizes are odd, one for each axis, and weights as many finite numbers
 */
export function stencilOperator(options: StencilOptions): LinearOperator {
  checkGivenOptions("stencilOperator", options, ["shape", "size", "weights"]);
  const { shape, size, weights } = options;
  const { cells, strides } = gridDomain(shape, undefined);
  if (!Array.isArray(size) || size.length !== shape.length || !size.every((n) => n >= 1 && n % 2 === 1))
    throw new ArgumentError(
      `size must have an odd number for each of ${shape.length} axes, got ${JSON.stringify(size)}`,
    );
  const places = size.reduce((product, n) => product * n, 1);
  checkLength("weights", weights, places);
  checkFiniteVector("weights", weights);
  const taps: Tap[] = [];
  for (let t = 0; t < places; t++) {
    if (weights[t] === 0) continue;
    let rest = t;
    const offsets = new Array<number>(size.length).fill(0);
    for (let axis = size.length - 1; axis >= 0; axis--) {
      offsets[axis] = (rest % size[axis]) - (size[axis] - 1) / 2;
      rest = Math.floor(rest / size[axis]);
    }
    const step = offsets.reduce((sum, offset, axis) => sum + offset * strides[axis], 0);
    taps.push({ offsets, step, weight: weights[t] });
  }
  const symmetric = Array.from({ length: places }, (_, t) => t).every(
    (t) => weights[t] === weights[places - 1 - t],
  );
  const [planes, rows, columns] = inSpace(shape, 1);

  /** Adds up the taps, each on the box where it stays inside. */
  function sweep(direction: 1 | -1, x: Float64Array, out: Float64Array): void {
    checkLength("x", x, cells);
    checkLength("out", out, cells);
    out.fill(0);
    for (const { offsets, step, weight } of taps) {
      const [dz, dy, dx] = inSpace(offsets, 0).map((offset) => direction * offset);
      const away = direction * step;
      const [first, last] = [Math.max(0, -dx), columns - Math.max(0, dx)];
      for (let z = Math.max(0, -dz); z < planes - Math.max(0, dz); z++)
        for (let y = Math.max(0, -dy); y < rows - Math.max(0, dy); y++) {
          const row = (z * rows + y) * columns;
          for (let k = row + first; k < row + last; k++) out[k] += weight * x[k + away];
        }
    }
  }

  return {
    rows: cells,
    columns: cells,
    symmetric,
    apply: (x, out) => sweep(1, x, out),
    applyAdjoint: (v, out) => sweep(-1, v, out),
  };
}
