import { ArgumentError, DataError } from "../../check/errors.ts";

/** Cells of a box, row-major: those of an obstacle are in the numbering, but have no unknown. */
export interface GridDomain {
  /** Cells along each of 1 to 3 axes, the slowest first: [rows, columns], [planes, rows, columns]. */
  readonly shape: readonly number[];
  /** Places from a cell to the next along each axis. */
  readonly strides: readonly number[];
  readonly cells: number;
  /** 1 where a cell has an unknown, 0 in obstacles. */
  readonly active: Uint8Array;
}

/**
 * Checks a shape and the obstacles in it.
 *
 * @throws ArgumentError unless the shape is 1 to 3 positive whole numbers with as many cells as `solid`
 * @throws DataError when `solid` has another value than 0, 1, false, true, or leaves no cell
 */
export function gridDomain(
  shape: readonly number[],
  solid: ArrayLike<number | boolean> | undefined,
): GridDomain {
  if (!Array.isArray(shape) || shape.length < 1 || shape.length > 3)
    throw new ArgumentError(`shape must have 1 to 3 sizes, got ${JSON.stringify(shape)}`);
  shape.forEach((size, axis) => {
    if (!Number.isSafeInteger(size) || size < 1)
      throw new ArgumentError(`shape[${axis}] must be a positive integer, got ${size}`);
  });
  const cells = shape.reduce((product, size) => product * size, 1);
  const active = new Uint8Array(cells).fill(1);
  if (solid) {
    if (solid.length !== cells)
      throw new ArgumentError(
        `solid must have a value for each of ${shape.join(" x ")} = ${cells} cells, got ${solid.length}`,
      );
    for (let k = 0; k < cells; k++) {
      const value = Number(solid[k]);
      if (value !== 0 && value !== 1)
        throw new DataError(`solid must be 0 or 1 for every cell, got ${solid[k]} at index ${k}`);
      active[k] = 1 - value;
    }
    if (!active.includes(1)) throw new DataError(`solid must leave a cell, got ${cells} solid cells`);
  }
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  return { shape: [...shape], strides, cells, active };
}
