import { checkLength } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { LinearOperator } from "../operator/contract.ts";
import type { GridOperator } from "./contract.ts";
import { type GridLevel, gridLevels } from "./multigrid-levels.ts";

export interface MultigridOptions {
  /** Sweeps before and after the correction from a coarser grid; 1 by default. */
  readonly sweeps?: number;
  /** Corrections from each coarser grid: 1 makes a V-cycle, 2 a W-cycle; 1 by default. */
  readonly corrections?: number;
}

/** Sweeps on the coarsest grid, there and back. */
const COARSEST_SWEEPS = 8;

/**
 * x_k = (b_k + the sum of couplings times x beside cell k) / diagonal_k, for the cells whose indices along the axes sum
 * to an even or to an odd number: those of one kind are not coupled.
 */
function relax(level: GridLevel, color: 0 | 1): void {
  const { shape, strides, margin, inverse, couplings, x, b } = level;
  const columns = shape[shape.length - 1];
  const rowsOfPlane = shape.length > 1 ? shape[shape.length - 2] : 1;
  const rows = level.cells / columns;
  const along = couplings[couplings.length - 1];
  const across = couplings.length > 1 ? couplings[couplings.length - 2] : undefined;
  const through = couplings.length > 2 ? couplings[0] : undefined;
  const plane = strides[0];
  for (let row = 0; row < rows; row++) {
    const odd = (Math.floor(row / rowsOfPlane) + (row % rowsOfPlane) + color) & 1;
    const end = margin + (row + 1) * columns;
    for (let k = margin + row * columns + odd; k < end; k += 2) {
      let sum = b[k] + along[k] * x[k + 1] + along[k - 1] * x[k - 1];
      if (across) sum += across[k] * x[k + columns] + across[k - columns] * x[k - columns];
      if (through) sum += through[k] * x[k + plane] + through[k - plane] * x[k - plane];
      x[k] = sum * inverse[k];
    }
  }
}

/** b - A x of each cell, added to its cell of the coarser grid. */
function restrict(level: GridLevel, coarse: GridLevel): void {
  const { cells, margin, diagonal, inverse, couplings, strides, x, b, parent } = level;
  const { b: target } = coarse;
  target.fill(0);
  const along = couplings[couplings.length - 1];
  const across = couplings.length > 1 ? couplings[couplings.length - 2] : undefined;
  const through = couplings.length > 2 ? couplings[0] : undefined;
  const row = strides[Math.max(0, strides.length - 2)];
  const plane = strides[0];
  for (let cell = 0, k = margin; cell < cells; cell++, k++) {
    if (inverse[k] === 0) continue;
    let residual = b[k] - diagonal[k] * x[k] + along[k] * x[k + 1] + along[k - 1] * x[k - 1];
    if (across) residual += across[k] * x[k + row] + across[k - row] * x[k - row];
    if (through) residual += through[k] * x[k + plane] + through[k - plane] * x[k - plane];
    target[parent[cell]] += residual;
  }
}

/** Adds each coarse cell's value to its cells that have an unknown. */
function prolong(level: GridLevel, coarse: GridLevel): void {
  const { cells, margin, x, inverse, parent } = level;
  for (let cell = 0, k = margin; cell < cells; cell++, k++)
    if (inverse[k] > 0) x[k] += coarse.x[parent[cell]];
}

/**
 * A cycle of geometric multigrid as a preconditioner, symmetric positive (semi)definite: Gauss-Seidel sweeps in red-black
 * order before a correction from a grid of half the size and in the opposite order after it, piecewise constant transfer,
 * coarse couplings that follow obstacles and coefficients. A cycle takes the time of about ten products; with it,
 * conjugate gradients need a number of iterations that hardly depends on the size of the grid.
 * Source: Briggs, Henson & McCormick 2000, "A multigrid tutorial"; Braess 1995, "Towards algebraic multigrid for elliptic
 * problems of second order", for the coarse operator.
 *
 * @throws ArgumentError when A is no operator on a grid, for an unknown option, or counts that are not whole numbers >= 1
 */
export function multigridPreconditioner(A: GridOperator, options: MultigridOptions = {}): LinearOperator {
  checkOptions("multigridPreconditioner", options, ["sweeps", "corrections"]);
  const { sweeps = 1, corrections = 1 } = options;
  checkPositiveInteger({ sweeps, corrections });
  if (!Array.isArray(A?.couplings))
    throw new ArgumentError(
      `A must be an operator on a grid, as poissonOperator and diffusionOperator make it, got ${shown(A)}; for a matrix take incompleteCholesky`,
    );
  const levels = gridLevels(A);

  function sweep(level: GridLevel, count: number, first: 0 | 1): void {
    for (let s = 0; s < count; s++) {
      relax(level, first);
      relax(level, first === 0 ? 1 : 0);
    }
  }

  /** Improves x of a level, which begins as it is. */
  function cycle(depth: number): void {
    const level = levels[depth];
    if (depth === levels.length - 1) {
      sweep(level, COARSEST_SWEEPS, 0);
      sweep(level, COARSEST_SWEEPS, 1);
      return;
    }
    const coarse = levels[depth + 1];
    sweep(level, sweeps, 0);
    restrict(level, coarse);
    coarse.x.fill(0);
    const times = depth + 1 === levels.length - 1 ? 1 : corrections;
    for (let c = 0; c < times; c++) cycle(depth + 1);
    prolong(level, coarse);
    sweep(level, sweeps, 1);
  }

  const [finest] = levels;
  return {
    rows: A.cells,
    columns: A.cells,
    symmetric: true,
    apply(x, out) {
      checkLength("x", x, A.cells);
      checkLength("out", out, A.cells);
      finest.b.set(x, finest.margin);
      finest.x.fill(0);
      cycle(0);
      out.set(finest.x.subarray(finest.margin, finest.margin + A.cells));
    },
  };
}
