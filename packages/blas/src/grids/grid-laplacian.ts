import { checkVector } from "../matrix.ts";
import { sharedHeap } from "../memory.ts";
import { checkOptions } from "../options.ts";
import { ResidentCopy } from "../resident-copy.ts";
import { grids as family } from "./family.ts";
import { type GridCells, GridLayout } from "./layout.ts";
import { GridVectors } from "./vectors.ts";

/**
 * The symmetric matrix A of a grid whose cells are coupled by -1 to the cells beside them, of which there are two along
 * each axis: (A x)_k = diagonal_k x_k - the sum of x over the cells beside cell k. Rows and columns of what is no cell
 * are 0. The diagonal is copied into WebAssembly memory when it is first used and must not change from then on.
 */
export class GridLaplacian {
  readonly cells: number;
  readonly #grid: GridCells;
  readonly #layout: GridLayout;
  readonly #copy: ResidentCopy;

  constructor(grid: GridCells) {
    const layout = new GridLayout(grid);
    this.cells = layout.cells;
    this.#grid = grid;
    this.#layout = layout;
    this.#copy = new ResidentCopy(24 * layout.length, `a grid of ${layout.cells} cells`, (heap, address) => {
      layout.writeDiagonal(grid.diagonal, heap.numbers, address);
      heap.numbers.fill(0, address / 8 + layout.length, address / 8 + 3 * layout.length);
    });
  }

  /**
   * out = A x.
   *
   * @param x one number a cell; what stands elsewhere does not matter
   * @param out one number a cell, 0 elsewhere
   */
  product(x: Float64Array, out: Float64Array): void {
    checkVector("x", x, this.cells);
    checkVector("out", out, this.cells);
    const layout = this.#layout;
    const { address } = this.#copy;
    const [from, to] = [address + 8 * layout.length, address + 16 * layout.length];
    const { numbers } = sharedHeap();
    layout.write(x, numbers, from);
    const [diagonal, d, q] = [address, from, to].map((vector) => layout.firstOf(vector));
    family().gridProduct(layout.places, diagonal, d, q, 8 * layout.row, 8 * layout.plane);
    layout.read(numbers, to, out);
  }

  /**
   * Vectors for conjugate gradients with A, in WebAssembly memory.
   *
   * @throws OutOfMemoryError
   */
  vectors(): GridVectors {
    return new GridVectors(this.#layout, this.#grid.diagonal);
  }

  /** Gives the memory back now; without it, garbage collection does at some time. */
  release(): void {
    this.#copy.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/**
 * The Laplacian of a grid, for repeated products.
 *
 * @throws BlasArgumentError for sizes that are not 1 to 3 positive whole numbers, a diagonal of another length, or
 *   an unknown option
 */
export function gridLaplacian(grid: GridCells): GridLaplacian {
  checkOptions(grid, ["sizes", "diagonal"]);
  return new GridLaplacian(grid);
}
