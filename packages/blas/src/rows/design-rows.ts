import type { ConjugateVectors, WeightedSystem } from "../conjugate-vectors.ts";
import { type DesignPasses, designPasses } from "../design-passes.ts";
import { copyFinite } from "../finite-copy.ts";
import { checkMatrix, checkVector, copyVectorOut, type Matrix, writeRows } from "../matrix.ts";
import { withFrame } from "../memory.ts";
import { checkNumber } from "../options.ts";
import { ResidentCopy } from "../resident-copy.ts";
import { densePasses } from "./dense-passes.ts";
import { rows as family } from "./family.ts";
import { type MeasuredPass, measuredPass } from "./measured-pass.ts";

/**
 * A design matrix X, one example a row, for passes that are repeated. It is copied into WebAssembly memory when it is
 * first used and must not change from then on. When such copies take more than 256 MiB together, those least recently
 * used are dropped until they are used again.
 */
export class DesignRows {
  readonly rows: number;
  readonly columns: number;
  readonly #copy: ResidentCopy;
  readonly #passes: DesignPasses;
  #isFinite = true;

  constructor(matrix: Matrix) {
    checkMatrix("matrix", matrix);
    const { rows, columns } = matrix;
    this.rows = rows;
    this.columns = columns;
    this.#copy = new ResidentCopy(
      8 * rows * columns,
      `a design matrix of ${rows} x ${columns}`,
      ({ numbers }, address) => {
        const { leadingDimension = columns, values } = matrix;
        if (leadingDimension === columns) {
          const all = values.subarray(0, rows * columns);
          this.#isFinite = copyFinite(numbers, address / 8, all, family());
        } else {
          writeRows(numbers, address / 8, matrix);
          this.#isFinite = family().allFinite(rows * columns, address) === 1;
        }
      },
    );
    this.#passes = densePasses(rows, columns, this.#copy);
    designPasses.set(this, this.#passes);
  }

  /** out = what a pass writes for x. */
  #apply(pass: "product" | "adjoint", x: Float64Array, out: Float64Array): void {
    withFrame("a product with a design matrix", (frame) => {
      const [from, to] = [frame.copy(x), frame.numbers(out.length)];
      this.#passes[pass](from, to);
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
    this.#apply("product", x, out);
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
    this.#apply("adjoint", v, out);
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
    withFrame("a weighted product with a design matrix", (frame) => {
      const [factors, from, to] = [frame.copy(weights), frame.copy(v), frame.numbers(columns)];
      this.#passes.weightedProduct(factors, from, to);
      copyVectorOut(frame, to, out);
    });
  }

  /**
   * Vectors for conjugate gradients with  X^T diag(weights) X + shift I, in WebAssembly memory.
   *
   * @throws OutOfMemoryError
   */
  weightedVectors({ weights, ...system }: WeightedSystem): ConjugateVectors {
    checkVector("weights", weights, this.rows);
    return this.#passes.vectors(system, (frame) => frame.copy(weights));
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
    checkNumber("step", step);
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
    checkNumber("step", step);
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

  /** Whether all numbers of the copy, which is made unless it is there, are finite. */
  get isFinite(): boolean {
    this.#copy.load();
    return this.#isFinite;
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
