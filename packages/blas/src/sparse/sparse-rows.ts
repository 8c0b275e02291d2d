import type { ConjugateVectors, WeightedSystem } from "../conjugate-vectors.ts";
import { designPasses } from "../design-passes.ts";
import { checkVector, copyVectorOut } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { checkNumber } from "../options.ts";
import { ResidentCopy } from "../resident-copy.ts";
import { type MeasuredPass, measuredPass } from "../rows/measured-pass.ts";
import {
  bytesOf,
  type CompressedRows,
  checkArrays,
  placesFrom,
  writeCompressedRows,
} from "./compressed-rows.ts";
import { sparse as family } from "./family.ts";
import { type SparsePasses, sparsePasses } from "./sparse-passes.ts";
import { fitsTiles, SparseTiles } from "./sparse-tiles.ts";

/**
 * Weighted products go by rows in the order of their numbers of entries where these are fewer in the mean: with 9 they take
 * 0.8 of the time, with 20 as long.
 */
const SHORT_ROWS = 12;
/** Fewer entries are read from cache. */
const MANY_ENTRIES = 2 ** 17;
/** Bytes that `orderRows` works in. */
const ORDER_WORKSPACE = 256;

/**
 * A sparse matrix A for passes that are repeated. It is copied into WebAssembly memory when it is first used and must
 * not change from then on. With 65,536 columns or more and short rows that reach far, products have a copy of their own, in
 * tiles that stay in cache; other large matrices have such copies, in slices of rows and of columns, after 20 products of the
 * direction. Both give the same bits. When copies take more than 256 MiB together, those least recently used are
 * dropped until they are used again. Indices are checked when they are copied.
 */
export class SparseRows {
  readonly rows: number;
  readonly columns: number;
  readonly #entries: number;
  readonly #copy: ResidentCopy;
  readonly #passes: SparsePasses;
  #isFinite = true;
  #mostInBlock = 0;
  /** For the products, where they are faster so; other passes take the rows. */
  readonly #tiles: SparseTiles | undefined;

  constructor(matrix: CompressedRows) {
    checkArrays(matrix);
    const { rows, columns, values } = matrix;
    this.rows = rows;
    this.columns = columns;
    this.#entries = values.length;
    const ordered = values.length < SHORT_ROWS * rows && values.length >= MANY_ENTRIES;
    this.#copy = new ResidentCopy(
      bytesOf(values.length, rows) + (ordered ? 4 * rows : 0),
      `a sparse ${rows} x ${columns} matrix of ${values.length} entries`,
      (heap, address) => {
        const { isFinite: finite, pointers } = writeCompressedRows(heap, address, matrix, family());
        this.#isFinite = finite;
        if (ordered)
          withFrame("the order of rows", (frame) => {
            const order = address + bytesOf(values.length, rows);
            this.#mostInBlock = family().orderRows(rows, pointers, order, frame.bytes(ORDER_WORKSPACE));
          });
      },
    );
    this.#tiles = fitsTiles(matrix) ? new SparseTiles(matrix) : undefined;
    this.#passes = sparsePasses(
      { rows, columns, entries: values.length, copy: this.#copy },
      { isFinite: () => this.#isFinite, mostInBlock: ordered ? () => this.#mostInBlock : undefined },
    );
    if (!this.#tiles) designPasses.set(this, this.#passes);
  }

  /** The first arguments of all passes. */
  #matrix(): readonly [rows: number, pointers: number, indices: number, values: number] {
    const { pointers, indices, values } = placesFrom(this.#copy.address, this.#entries);
    return [this.rows, pointers, indices, values];
  }

  /** out = what a pass writes for x. */
  #apply(pass: "product" | "adjoint", x: Float64Array, out: Float64Array): void {
    withFrame("a product with a sparse matrix", (frame) => {
      const [from, to] = [frame.copy(x), frame.numbers(out.length)];
      this.#passes[pass](from, to);
      copyVectorOut(frame, to, out);
    });
  }

  /** Adds up a result from zeros and copies it to `out`. */
  #sumInto(out: Float64Array, purpose: string, pass: (frame: Frame, to: number) => void): void {
    withFrame(purpose, (frame) => {
      const to = frame.numbers(out.length);
      frame.heap.numbers.fill(0, to / 8, to / 8 + out.length);
      pass(frame, to);
      copyVectorOut(frame, to, out);
    });
  }

  /**
   * out = A x.
   *
   * @param x one number a column
   * @param out one number a row
   */
  product(x: Float64Array, out: Float64Array): void {
    checkVector("x", x, this.columns);
    checkVector("out", out, this.rows);
    if (this.#tiles) {
      this.#tiles.product(x, out);
      return;
    }
    this.#apply("product", x, out);
  }

  /**
   * out = A^T v.
   *
   * @param v one number a row
   * @param out one number a column
   */
  adjoint(v: Float64Array, out: Float64Array): void {
    checkVector("v", v, this.rows);
    checkVector("out", out, this.columns);
    if (this.#tiles) {
      this.#tiles.adjoint(v, out);
      return;
    }
    this.#apply("adjoint", v, out);
  }

  /**
   * out = A^T diag(weights) A v, in one pass.
   *
   * @param weights one number a row
   * @param v one number a column
   * @param out one number a column
   */
  weightedProduct(weights: Float64Array, v: Float64Array, out: Float64Array): void {
    checkVector("weights", weights, this.rows);
    checkVector("v", v, this.columns);
    checkVector("out", out, this.columns);
    withFrame("a weighted product with a sparse matrix", (frame) => {
      const [factors, from, to] = [frame.copy(weights), frame.copy(v), frame.numbers(out.length)];
      this.#passes.weightedProduct(factors, from, to);
      copyVectorOut(frame, to, out);
    });
  }

  /**
   * Vectors for conjugate gradients with  A^T diag(weights) A + shift I, in WebAssembly memory.
   *
   * @throws OutOfMemoryError
   */
  weightedVectors({ weights, ...system }: WeightedSystem): ConjugateVectors {
    checkVector("weights", weights, this.rows);
    return this.#passes.vectors(system, (frame) => frame.copy(weights));
  }

  /**
   * A^T diag(weights) A, exactly symmetric: columns x columns, row-major.
   *
   * @throws OutOfMemoryError
   */
  weightedGram(weights: Float64Array): Float64Array<ArrayBuffer> {
    const { rows, columns } = this;
    checkVector("weights", weights, rows);
    const matrix = this.#matrix();
    const gram = new Float64Array(columns * columns);
    this.#sumInto(gram, `a Gram matrix of ${rows} x ${columns}`, (frame, to) => {
      const { csrWeightedGram, mirrorLower } = family();
      csrWeightedGram(...matrix, frame.copy(weights), to, 8 * columns);
      mirrorLower(columns, to);
    });
    return gram;
  }

  /** sum_i weights_i a_ij^2 of every column j: the diagonal of the weighted Gram matrix. */
  weightedSquares(weights: Float64Array): Float64Array<ArrayBuffer> {
    checkVector("weights", weights, this.rows);
    const matrix = this.#matrix();
    const squares = new Float64Array(this.columns);
    this.#sumInto(squares, "the diagonal of a Gram matrix", (frame, to) =>
      family().csrWeightedSquares(...matrix, frame.copy(weights), to),
    );
    return squares;
  }

  /**
   * One pass of the perceptron: visits the rows in order and adds  step y_i a_i  to theta where  y_i <a_i, theta> <= 0.
   *
   * @param labels one number a row, -1 or +1
   * @param theta changed in place
   * @returns how often it was changed
   */
  perceptronPass(labels: Float64Array, step: number, theta: Float64Array): number {
    checkNumber("step", step);
    checkVector("labels", labels, this.rows);
    checkVector("theta", theta, this.columns);
    const matrix = this.#matrix();
    return withFrame("a pass of the perceptron", (frame) => {
      const weights = frame.copy(theta);
      const updates = family().csrPerceptron(...matrix, frame.copy(labels), step, weights);
      copyVectorOut(frame, weights, theta);
      return updates;
    });
  }

  /**
   * `perceptronPass` to another vector, with the figures of the margins y_i <a_i, theta> before it: every row is read
   * once for both.
   *
   * @param labels one number a row, -1 or +1
   * @param next overwritten by theta after the pass
   */
  measuredPerceptronPass(
    labels: Float64Array,
    step: number,
    theta: Float64Array,
    next: Float64Array,
  ): MeasuredPass {
    checkNumber("step", step);
    const { rows, columns } = this;
    const [, ...places] = this.#matrix();
    return measuredPass({ labels, theta, next }, rows, columns, (frame, { signs, changed, margins }) => {
      const pairs = frame.numbers(2 * columns);
      return family().csrMeasuredPerceptron(rows, columns, ...places, signs, step, changed, pairs, margins);
    });
  }

  /**
   * Makes the copy now, unless it is there.
   *
   * @throws BlasArgumentError for pointers or column indices that do not fit
   */
  load(): void {
    (this.#tiles ?? this.#copy).load();
  }

  /** Whether all numbers of the copy, which is made unless it is there, are finite. */
  get isFinite(): boolean {
    this.load();
    return this.#tiles?.isFinite ?? this.#isFinite;
  }

  /** Gives the memory back now; without it, garbage collection does at some time. */
  release(): void {
    this.#copy.release();
    this.#passes.release();
    this.#tiles?.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/**
 * A sparse matrix for repeated passes over its rows.
 *
 * @throws BlasArgumentError for arrays that do not fit; for indices that do not, when it is first used
 */
export function sparseRows(matrix: CompressedRows): SparseRows {
  return new SparseRows(matrix);
}
