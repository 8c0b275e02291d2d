import { BlasArgumentError } from "../errors.ts";
import { checkVector, copyRange } from "../matrix.ts";

/** A grid whose cells have couplings of 1 to the cells beside them. */
export interface GridCells {
  /** Cells along each of 1 to 3 axes, the slowest first. */
  readonly sizes: readonly number[];
  /** What each cell's own value is multiplied by, row-major; negative where there is no cell. */
  readonly diagonal: Float64Array;
}

/** Where the cells of a grid are in WebAssembly memory: a place without a cell behind each row, a row behind each plane. */
export class GridLayout {
  readonly cells: number;
  /** Places from a cell to the next along the two slower axes; `plane` is 0 where there are no planes. */
  readonly row: number;
  readonly plane: number;
  /** Places that are gone through, an even number. */
  readonly places: number;
  /** Places of a vector, with those before and behind the ones that are gone through. */
  readonly length: number;
  readonly #before: number;
  readonly #columns: number;
  readonly #rowsOfPlane: number;
  readonly #rows: number;
  /** Row-major indices of what is no cell. */
  readonly #absent: Int32Array;

  /** @throws BlasArgumentError for sizes that are not 1 to 3 positive whole numbers, or another number of cells */
  constructor({ sizes, diagonal }: GridCells) {
    if (!Array.isArray(sizes)) throw new BlasArgumentError(`sizes must be an array, got ${sizes}`);
    if (sizes.length < 1 || sizes.length > 3 || !sizes.every((size) => Number.isInteger(size) && size >= 1))
      throw new BlasArgumentError(`sizes must be 1 to 3 positive integers, got [${sizes.join(", ")}]`);
    this.cells = sizes.reduce((product, size) => product * size, 1);
    checkVector("diagonal", diagonal, this.cells);
    const [planes, rows, columns] = [...new Array<number>(3 - sizes.length).fill(1), ...sizes];
    this.row = columns + 1;
    const plane = (rows + 1) * this.row;
    this.plane = sizes.length === 3 ? plane : 0;
    this.places = 2 * Math.ceil((sizes.length === 3 ? planes * plane : rows * this.row) / 2);
    this.#before = Math.max(this.row, this.plane) + 1;
    this.length = this.places + 2 * this.#before + 2;
    [this.#columns, this.#rowsOfPlane, this.#rows] = [columns, rows, planes * rows];
    const absent: number[] = [];
    for (let k = 0; k < this.cells; k++) if (!(diagonal[k] >= 0)) absent.push(k);
    this.#absent = Int32Array.from(absent);
  }

  /** The address of the first place that is gone through, in a vector at an address. */
  firstOf(address: number): number {
    return address + 8 * this.#before;
  }

  #placeOfRow(row: number): number {
    const inPlane = row % this.#rowsOfPlane;
    return this.#before + ((row - inPlane) / this.#rowsOfPlane) * this.plane + inPlane * this.row;
  }

  #placeOf(cell: number): number {
    const column = cell % this.#columns;
    return this.#placeOfRow((cell - column) / this.#columns) + column;
  }

  /** Copies a vector in; 0 where there is no cell. Other places must be 0 already. */
  write(values: Float64Array, numbers: Float64Array, address: number): void {
    const first = address / 8;
    for (let row = 0, at = 0; row < this.#rows; row++, at += this.#columns)
      copyRange(values, at, this.#columns, numbers, first + this.#placeOfRow(row));
    for (const cell of this.#absent) numbers[first + this.#placeOf(cell)] = 0;
  }

  /** Copies a vector out. */
  read(numbers: Float64Array, address: number, values: Float64Array): void {
    const first = address / 8;
    for (let row = 0, at = 0; row < this.#rows; row++, at += this.#columns)
      copyRange(numbers, first + this.#placeOfRow(row), this.#columns, values, at);
  }

  /** Copies the diagonal in: -1 wherever there is no cell. */
  writeDiagonal(diagonal: Float64Array, numbers: Float64Array, address: number): void {
    const first = address / 8;
    numbers.fill(-1, first, first + this.length);
    for (let row = 0, at = 0; row < this.#rows; row++, at += this.#columns)
      copyRange(diagonal, at, this.#columns, numbers, first + this.#placeOfRow(row));
    for (const cell of this.#absent) numbers[first + this.#placeOf(cell)] = -1;
  }
}
