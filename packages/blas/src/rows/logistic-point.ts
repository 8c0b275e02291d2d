import type { ConjugateVectors } from "../conjugate-vectors.ts";
import { type DesignPasses, designPasses, type VectorSystem } from "../design-passes.ts";
import { checkVector, copyVectorOut } from "../matrix.ts";
import { sharedHeap, withFrame } from "../memory.ts";
import { checkNumber } from "../options.ts";
import { ResidentCopy } from "../resident-copy.ts";
import type { SparseRows } from "../sparse/sparse-rows.ts";
import type { DesignRows } from "./design-rows.ts";
import { rows as family } from "./family.ts";
import { padded } from "./logistic.ts";

/** Where the numbers of the rows are. */
interface Places {
  readonly labels: number;
  readonly outputs: number;
  readonly losses: number;
  readonly slopes: number;
  readonly curvatures: number;
}

/** Arrays of one number a row. */
const ARRAYS = 5;

/**
 * The logistic losses  ln(1 + e^{-y_i z_i})  of a design's rows, z = A x, at the point x that was asked about last: outputs,
 * losses, first and second derivatives stay in WebAssembly memory beside the design, and what is known at a point is not
 * computed again. The bits are those of the passes of the design and of `logisticRows`. The memory is that of a copy of the
 * design: it is dropped when others need it, and what was in it is computed again.
 */
export class LogisticPoint {
  readonly #passes: DesignPasses;
  readonly #x: Float64Array;
  readonly #copy: ResidentCopy;
  #moved = false;
  #evaluated = false;
  #curved = false;
  #lossSum = Number.NaN;

  constructor(passes: DesignPasses, labels: Float64Array) {
    const { rows, columns } = passes;
    checkVector("labels", labels, rows);
    this.#passes = passes;
    this.#x = new Float64Array(columns);
    this.#copy = new ResidentCopy(
      8 * ARRAYS * padded(rows),
      `the logistic losses of ${rows} rows`,
      (heap, address) => {
        heap.numbers.set(labels, address / 8);
        this.#moved = false;
        this.#evaluated = false;
        this.#curved = false;
      },
    );
  }

  /** Loads the design first: of two copies, the one loaded last does not drop the other. */
  #places(): Places {
    this.#passes.load();
    const labels = this.#copy.address;
    const bytes = 8 * padded(this.#passes.rows);
    const outputs = labels + bytes;
    const losses = outputs + bytes;
    const slopes = losses + bytes;
    return { labels, outputs, losses, slopes, curvatures: slopes + bytes };
  }

  #isAt(x: Float64Array): boolean {
    const point = this.#x;
    checkVector("x", x, point.length);
    let j = 0;
    while (j < point.length && x[j] === point[j]) j += 1;
    return this.#moved && j === point.length;
  }

  #movedTo(x: Float64Array): void {
    this.#x.set(x);
    this.#moved = true;
    this.#evaluated = false;
    this.#curved = false;
  }

  #moveTo(x: Float64Array): Places {
    const places = this.#places();
    if (this.#isAt(x)) return places;
    withFrame("the outputs of a design matrix", (frame) =>
      this.#passes.product(frame.copy(x), places.outputs),
    );
    this.#movedTo(x);
    return places;
  }

  #hasEvaluated({ losses }: Places): void {
    this.#lossSum = family().compensatedSum(this.#passes.rows, losses);
    this.#evaluated = true;
  }

  #evaluateAt(x: Float64Array): Places {
    const places = this.#moveTo(x);
    if (this.#evaluated) return places;
    const { outputs, labels, losses, slopes } = places;
    family().logisticRows(this.#passes.rows, outputs, labels, losses, slopes, 0);
    this.#hasEvaluated(places);
    return places;
  }

  #curveAt(x: Float64Array): Places {
    const places = this.#moveTo(x);
    if (!this.#curved) family().logisticCurvatures(this.#passes.rows, places.outputs, places.curvatures);
    this.#curved = true;
    return places;
  }

  /** A copy of z = A x. */
  outputs(x: Float64Array): Float64Array<ArrayBuffer> {
    return this.#copyOf(this.#moveTo(x).outputs);
  }

  /** A copy of the second derivatives of the losses in z. */
  curvatures(x: Float64Array): Float64Array<ArrayBuffer> {
    return this.#copyOf(this.#curveAt(x).curvatures);
  }

  #copyOf(address: number): Float64Array<ArrayBuffer> {
    return sharedHeap().numbers.slice(address / 8, address / 8 + this.#passes.rows);
  }

  /** The sum of the losses, and of what its additions round off. */
  lossSum(x: Float64Array): number {
    this.#evaluateAt(x);
    return this.#lossSum;
  }

  /**
   * out = A^T slopes: the gradient of the sum of the losses.
   *
   * @param out one number a column
   */
  gradient(x: Float64Array, out: Float64Array): void {
    const { columns } = this.#passes;
    checkVector("out", out, columns);
    const { slopes } = this.#evaluateAt(x);
    withFrame("the gradient of losses", (frame) => {
      const to = frame.numbers(columns);
      this.#passes.adjoint(slopes, to);
      copyVectorOut(frame, to, out);
    });
  }

  /** `lossSum` and `gradient`, by one reading of a dense design. */
  lossSumAndGradient(x: Float64Array, out: Float64Array): number {
    const { columns } = this.#passes;
    checkVector("out", out, columns);
    const places = this.#places();
    if (this.#passes.logisticPass === undefined || this.#isAt(x)) {
      this.gradient(x, out);
      return this.#lossSum;
    }
    const { labels, outputs, losses, slopes } = places;
    withFrame("the losses of a design matrix", (frame) => {
      const [from, to] = [frame.copy(x), frame.numbers(columns)];
      this.#passes.logisticPass?.(labels, from, outputs, losses, slopes, to);
      copyVectorOut(frame, to, out);
    });
    this.#movedTo(x);
    this.#hasEvaluated(places);
    return this.#lossSum;
  }

  /** The sum of the second derivatives. */
  curvatureSum(x: Float64Array): number {
    const { curvatures } = this.#curveAt(x);
    return family().plainSum(this.#passes.rows, curvatures);
  }

  /**
   * out = A^T diag(c) A v, c the second derivatives.
   *
   * @param v one number a column
   * @param out one number a column
   */
  curvatureProduct(x: Float64Array, v: Float64Array, out: Float64Array): void {
    const { columns } = this.#passes;
    checkVector("v", v, columns);
    checkVector("out", out, columns);
    const { curvatures } = this.#curveAt(x);
    withFrame("a weighted product with a design matrix", (frame) => {
      const [from, to] = [frame.copy(v), frame.numbers(columns)];
      this.#passes.weightedProduct(curvatures, from, to);
      copyVectorOut(frame, to, out);
    });
  }

  /**
   * Vectors for conjugate gradients with  scale A^T diag(c) A + shift I,  c the second derivatives at x, which the vectors
   * keep.
   *
   * @throws OutOfMemoryError
   */
  curvatureVectors(x: Float64Array, scale: number, system: VectorSystem): ConjugateVectors {
    checkNumber("scale", scale);
    const { rows } = this.#passes;
    const { curvatures } = this.#curveAt(x);
    return this.#passes.vectors(system, (frame) => {
      const weights = frame.numbers(padded(rows));
      family().multiply(rows, scale, curvatures, weights);
      return weights;
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
 * The logistic losses of a design's rows, which stay in WebAssembly memory from one call to the next; undefined for a sparse
 * design in tiles, which has its products alone.
 *
 * @param labels one number a row, -1 or +1; they must not change
 * @throws BlasArgumentError
 */
export function logisticPoint(
  design: DesignRows | SparseRows,
  labels: Float64Array,
): LogisticPoint | undefined {
  const passes = designPasses.get(design);
  return passes && new LogisticPoint(passes, labels);
}
