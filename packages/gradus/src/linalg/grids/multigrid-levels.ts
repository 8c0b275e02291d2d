import type { GridOperator } from "./contract.ts";

/** A grid of a hierarchy. Arrays have `margin` zeros before and behind the cells, so that no neighbor is out of range. */
export interface GridLevel {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly cells: number;
  readonly margin: number;
  readonly diagonal: Float64Array;
  /** 1 / diagonal; 0 where the diagonal is 0. */
  readonly inverse: Float64Array;
  readonly couplings: readonly Float64Array[];
  readonly x: Float64Array;
  readonly b: Float64Array;
  /** For each cell its cell of the next coarser grid, an index with that grid's margin; empty on the coarsest. */
  readonly parent: Int32Array;
}

/** On the coarsest grid no axis has more cells. */
const COARSEST = 2;

function levelOf(
  shape: readonly number[],
  diagonal: Float64Array,
  couplings: readonly Float64Array[],
  margin: number,
  parent: Int32Array,
): GridLevel {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const length = diagonal.length;
  return {
    shape,
    strides,
    cells: length - 2 * margin,
    margin,
    diagonal,
    inverse: diagonal.map((value) => (value === 0 ? 0 : 1 / value)),
    couplings,
    x: new Float64Array(length),
    b: new Float64Array(length),
    parent,
  };
}

function padded(values: Float64Array, margin: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(values.length + 2 * margin);
  longer.set(values, margin);
  return longer;
}

/** For each cell the index of the cell that has it in a grid of half the size. */
function parentsOf(shape: readonly number[], coarse: readonly number[], coarseMargin: number): Int32Array {
  const cells = shape.reduce((product, size) => product * size, 1);
  return Int32Array.from({ length: cells }, (_, k) => {
    let [rest, index, stride] = [k, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const halved = coarse[axis] < shape[axis];
      const place = rest % shape[axis];
      index += stride * (halved ? place >> 1 : place);
      stride *= coarse[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return coarseMargin + index;
  });
}

/**
 * Grids of half the size, until no axis has more than 2 cells. A coarse cell has up to 2 cells along each axis; two of
 * them are coupled by half the sum of the couplings between their cells, and by half that of their cells with the value
 * 0 at a side. Where all couplings are 1 these are 1 again, with an obstacle in between what it lets through: the
 * Galerkin operator of piecewise constants, halved, since these rise in steps of twice the slope (Braess 1995).
 */
export function gridLevels(A: GridOperator): GridLevel[] {
  const levels: GridLevel[] = [];
  let { shape } = A;
  let margin = A.strides[0];
  let diagonal = padded(A.diagonal, margin);
  let couplings = A.couplings.map((coupling) => padded(coupling, margin));
  for (;;) {
    if (Math.max(...shape) <= COARSEST) {
      levels.push(levelOf(shape, diagonal, couplings, margin, new Int32Array()));
      return levels;
    }
    const coarse = shape.map((size) => (size > COARSEST ? Math.ceil(size / 2) : size));
    const coarseMargin = coarse.slice(1).reduce((product, size) => product * size, 1);
    const parent = parentsOf(shape, coarse, coarseMargin);
    const level = levelOf(shape, diagonal, couplings, margin, parent);
    levels.push(level);
    const length = coarse.reduce((product, size) => product * size, 1) + 2 * coarseMargin;
    const nextDiagonal = new Float64Array(length);
    const nextCouplings = coarse.map(() => new Float64Array(length));
    for (let k = 0; k < level.cells; k++) {
      const own = level.margin + k;
      let side = level.diagonal[own];
      level.strides.forEach((stride, axis) => {
        const c = level.couplings[axis][own];
        side -= c + level.couplings[axis][own - stride];
        if (c === 0 || parent[k] === parent[k + stride]) return;
        nextCouplings[axis][parent[k]] += c / 2;
        nextDiagonal[parent[k]] += c / 2;
        nextDiagonal[parent[k + stride]] += c / 2;
      });
      // rounding of the sums is no side
      if (side > 1e-12 * level.diagonal[own]) nextDiagonal[parent[k]] += side / 2;
    }
    [shape, margin, diagonal, couplings] = [coarse, coarseMargin, nextDiagonal, nextCouplings];
  }
}
