import { ConjugateVectors, type WeightedSystem } from "../conjugate-vectors.ts";
import { checkMatrix, checkVector, copyVectorOut, type Matrix, writeRows } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import { ResidentCopy } from "../resident-copy.ts";
import { rows as family } from "./family.ts";
import { copyPadded, padded } from "./logistic.ts";
import { type MeasuredPass, measuredPass } from "./measured-pass.ts";

/** What `logisticPass` writes. */
export interface LogisticPass {
  /** z = X x, one number a row. */
  readonly outputs: Float64Array;
  /** ln(1 + e^{-y z}), one number a row. */
  readonly losses: Float64Array;
  /** Their derivatives in z, -y / (1 + e^{y z}). */
  readonly slopes: Float64Array;
  /** X^T slopes, one number a column. */
  readonly gradient: Float64Array;
}

/**
 * A design matrix X, one example a row, for passes that are repeated. It is copied into WebAssembly memory when it is
 * first used and must not change from then on. When such copies take more than 256 MiB together, those least recently
 * used are dropped until they are used again.
 */
export class DesignRows {
  readonly rows: number;
  readonly columns: number;
  readonly #copy: ResidentCopy;

  constructor(matrix: Matrix) {
    checkMatrix("matrix", matrix);
    const { rows, columns } = matrix;
    this.rows = rows;
    this.columns = columns;
    this.#copy = new ResidentCopy(
      8 * rows * columns,
      `a design matrix of ${rows} x ${columns}`,
      (heap, address) => writeRows(heap.numbers, address / 8, matrix),
    );
  }

  #multiply(transposed: 0 | 1, x: Float64Array, out: Float64Array): void {
    const { rows, columns } = this;
    const { address } = this.#copy;
    withFrame("a product with a design matrix", (frame) => {
      const from = frame.copy(x);
      const to = frame.numbers(out.length);
      family().gemv(rows, columns, 1, address, 8 * columns, transposed, from, 0, to);
      copyVectorOut(frame, to, out);
    });
  }

  /**
   * out = X x.
   *
   * @param x one number a column
   * @param out one number a row
   */
  product(x: Float64Array, out: Float64Array): void {
    checkVector("x", x, this.columns);
    checkVector("out", out, this.rows);
    this.#multiply(0, x, out);
  }

  /**
   * out = X^T v.
   *
   * @param v one number a row
   * @param out one number a column
   */
  adjoint(v: Float64Array, out: Float64Array): void {
    checkVector("v", v, this.rows);
    checkVector("out", out, this.columns);
    this.#multiply(1, v, out);
  }

  /**
   * out = X^T diag(weights) X v, in one pass.
   *
   * @param weights one number a row
   * @param v one number a column
   * @param out one number a column
   */
  weightedProduct(weights: Float64Array, v: Float64Array, out: Float64Array): void {
    const { rows, columns } = this;
    checkVector("weights", weights, rows);
    checkVector("v", v, columns);
    checkVector("out", out, columns);
    const { address } = this.#copy;
    withFrame("a weighted product with a design matrix", (frame) => {
      const [factors, from] = [frame.copy(weights), frame.copy(v)];
      const [to, work] = [frame.numbers(columns), frame.bytes(32)];
      family().weightedProduct(rows, columns, address, 8 * columns, factors, from, to, work);
      copyVectorOut(frame, to, out);
    });
  }

  /**
   * The logistic loss of every row and the gradient of their sum, in one pass: the same bits as by `product`,
   * `logisticRows` and `adjoint`.
   *
   * @param labels one number a row, -1 or +1
   * @param x one number a column
   * @param written overwritten
   */
  logisticPass(labels: Float64Array, x: Float64Array, written: LogisticPass): void {
    const { rows, columns } = this;
    const { outputs, losses, slopes, gradient } = written;
    checkVector("x", x, columns);
    checkVector("gradient", gradient, columns);
    for (const [name, values] of Object.entries({ labels, outputs, losses, slopes }))
      checkVector(name, values, rows);
    const { address } = this.#copy;
    withFrame("the losses of a design matrix", (frame) => {
      const [signs, from, to] = [copyPadded(frame, labels), frame.copy(x), frame.numbers(columns)];
      const [z, loss, slope] = [outputs, losses, slopes].map(() => frame.numbers(padded(rows)));
      family().logisticPass(rows, columns, address, 8 * columns, signs, from, z, loss, slope, to);
      copyVectorOut(frame, z, outputs);
      copyVectorOut(frame, loss, losses);
      copyVectorOut(frame, slope, slopes);
      copyVectorOut(frame, to, gradient);
    });
  }

  /**
   * Vectors for conjugate gradients with  X^T diag(weights) X + shift I, in WebAssembly memory.
   *
   * @throws OutOfMemoryError
   */
  weightedVectors(system: WeightedSystem): ConjugateVectors {
    const { rows, columns } = this;
    return new ConjugateVectors(rows, columns, system, family(), (weights, d, q) => {
      const { address } = this.#copy;
      withFrame("a weighted product with a design matrix", (frame) =>
        family().weightedProduct(rows, columns, address, 8 * columns, weights, d, q, frame.bytes(32)),
      );
    });
  }

  /**
   * X^T diag(weights) X, exactly symmetric: columns x columns, row-major.
   *
   * @throws OutOfMemoryError
   */
  weightedGram(weights: Float64Array): Float64Array<ArrayBuffer> {
    const { rows, columns } = this;
    checkVector("weights", weights, rows);
    const { address } = this.#copy;
    const gram = new Float64Array(columns * columns);
    withFrame(`a Gram matrix of ${rows} x ${columns}`, (frame) => {
      const { weightedGram, weightedGramWorkspace } = family();
      const from = frame.copy(weights);
      const to = frame.numbers(gram.length);
      const work = frame.bytes(weightedGramWorkspace(rows, columns));
      weightedGram(rows, columns, address, 8 * columns, from, to, work);
      copyVectorOut(frame, to, gram);
    });
    return gram;
  }

  /** sum_i weights_i x_ij^2 of every column j: the diagonal of the weighted Gram matrix. */
  weightedSquares(weights: Float64Array): Float64Array<ArrayBuffer> {
    const { rows, columns } = this;
    checkVector("weights", weights, rows);
    const { address } = this.#copy;
    const squares = new Float64Array(columns);
    withFrame("the diagonal of a Gram matrix", (frame) => {
      const from = frame.copy(weights);
      const to = frame.numbers(columns);
      family().weightedSquares(rows, columns, address, 8 * columns, from, to);
      copyVectorOut(frame, to, squares);
    });
    return squares;
  }

  /**
   * One pass of the perceptron: visits the rows in order and adds  step y_i x_i  to theta where  y_i <x_i, theta> <= 0.
   *
   * @param labels one number a row, -1 or +1
   * @param theta changed in place
   * @returns how often it was changed
   */
  perceptronPass(labels: Float64Array, step: number, theta: Float64Array): number {
    const { rows, columns } = this;
    checkVector("labels", labels, rows);
    checkVector("theta", theta, columns);
    const { address } = this.#copy;
    return withFrame("a pass of the perceptron", (frame) => {
      const signs = frame.copy(labels);
      const weights = frame.copy(theta);
      const updates = family().perceptronRows(rows, columns, address, 8 * columns, signs, step, weights);
      copyVectorOut(frame, weights, theta);
      return updates;
    });
  }

  /**
   * `perceptronPass` to another vector, with the figures of the margins y_i <x_i, theta> before it: every row is read
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
    const { rows, columns } = this;
    const { address } = this.#copy;
    return measuredPass({ labels, theta, next }, rows, columns, (frame, { signs, changed, margins }) => {
      const before = frame.copy(theta);
      const { measuredPerceptronRows } = family();
      return measuredPerceptronRows(
        rows,
        columns,
        address,
        8 * columns,
        signs,
        step,
        before,
        changed,
        margins,
      );
    });
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
 * A design matrix for repeated passes over its rows.
 *
 * @throws BlasArgumentError
 */
export function designRows(matrix: Matrix): DesignRows {
  return new DesignRows(matrix);
}
