import { blasAvailable } from "@gradus/blas";
import {
  type DesignRows,
  designRows,
  type LogisticPoint,
  logisticPoint,
  type MeasuredPass,
  type WeightedSystem,
} from "@gradus/blas/rows";
import { type SparseRows, sparseRows } from "@gradus/blas/sparse";
import { denseMultiply, denseMultiplyTransposed } from "../linalg/dense.ts";
import { type DenseMatrix, isSparse } from "../linalg/matrix.ts";
import type { CompiledVectors } from "../linalg/operator/contract.ts";
import { checkedCopy } from "../linalg/sparse/build.ts";
import { type CsrMatrix, csrMultiply, csrMultiplyTransposed, csrToDense } from "../linalg/sparse/csr.ts";
import { checkDesign, checkDesignSize, type DesignMatrix } from "./design-matrix.ts";
import type { HessianFlops } from "./objective.ts";
import { csrWeightedGram, denseWeightedGram } from "./weighted-gram.ts";

/** A design matrix as what objectives do with it. */
export interface DesignMap {
  readonly rows: number;
  readonly columns: number;
  /** Additions and multiplications of a weighted Gram matrix and of a weighted product. */
  readonly flops: HessianFlops;
  /** out = A x. */
  product(x: Float64Array, out: Float64Array): void;
  /** out = A^T v. */
  adjoint(v: Float64Array, out: Float64Array): void;
  /** out = A^T diag(weights) A v. */
  weightedProduct(weights: Float64Array, v: Float64Array, out: Float64Array): void;
  /** The logistic losses of the rows, kept beside the design; undefined where it has its products alone. */
  logisticPoint?(labels: Float64Array): LogisticPoint | undefined;
  /** Vectors of conjugate gradients with  A^T diag(weights) A, where A is in WebAssembly memory. */
  weightedVectors?(system: WeightedSystem): CompiledVectors;
  /** A^T diag(weights) A, columns x columns, row-major. */
  gram(weights: Float64Array): Float64Array<ArrayBuffer>;
  /** sum_i weights_i a_ij^2 for every column j. */
  gramDiagonal(weights: Float64Array): Float64Array;
  /** One pass of the perceptron over the rows, where it is faster than row by row; see `perceptronPass`. */
  perceptronPass?(labels: Float64Array, step: number, theta: Float64Array): number;
  /** A pass of the perceptron from theta to `next`, with figures of the margins before it, where one reading does for both. */
  measuredPerceptronPass?(
    labels: Float64Array,
    step: number,
    theta: Float64Array,
    next: Float64Array,
  ): MeasuredPass;
  /** Entries, row-major: a copy. */
  entries(): Float64Array;
  /** The same through a copy in WebAssembly memory, where that is faster for several products. */
  copied?(): DesignMap & Disposable;
  /** Gives the memory of a copy back, which is made again when it is used again. */
  release?(): void;
}

/** A row of k entries takes k^2 operations in a Gram matrix and 4 k in a product with it. */
function flopsOf(A: DesignMatrix): HessianFlops {
  const { rows, columns, values, rowPointers } = A;
  let matrix = 0;
  if (rowPointers === undefined) matrix = rows * columns * columns;
  else for (let i = 0; i < rows; i++) matrix += (rowPointers[i + 1] - rowPointers[i]) ** 2;
  return { matrix, product: 4 * values.length };
}

/** A^T diag(weights) A v by the two products of a map. */
function weightedProductBy({ rows, product, adjoint }: Pick<DesignMap, "rows" | "product" | "adjoint">) {
  const image = new Float64Array(rows);
  return (weights: Float64Array, v: Float64Array, out: Float64Array) => {
    product(v, image);
    for (let i = 0; i < rows; i++) image[i] *= weights[i];
    adjoint(image, out);
  };
}

/** The maps of a dense matrix that is read in place. */
function denseMap(A: DenseMatrix): DesignMap {
  const { rows, columns, values } = A;
  const products = {
    rows,
    columns,
    product(x: Float64Array, out: Float64Array) {
      denseMultiply(values, rows, columns, x, out);
    },
    adjoint(v: Float64Array, out: Float64Array) {
      denseMultiplyTransposed(values, rows, columns, v, out);
    },
  };
  return {
    ...products,
    flops: flopsOf(A),
    weightedProduct: weightedProductBy(products),
    gram: (weights) => denseWeightedGram(values, rows, columns, weights),
    gramDiagonal(weights) {
      const diagonal = new Float64Array(columns);
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) diagonal[j] += weights[i] * values[i * columns + j] ** 2;
      return diagonal;
    },
    entries: () => values.slice(),
  };
}

/** Entries from which a matrix is copied into WebAssembly memory, where a pass takes a quarter of the time. */
const RESIDENT_ENTRIES = 4096;

/** The maps of a matrix through a copy that is made when it is first used. */
function residentMap(
  A: DesignMatrix,
  design: DesignRows | SparseRows,
  entries: () => Float64Array,
): DesignMap {
  return {
    rows: design.rows,
    columns: design.columns,
    flops: flopsOf(A),
    product: (x, out) => design.product(x, out),
    adjoint: (v, out) => design.adjoint(v, out),
    weightedProduct: (weights, v, out) => design.weightedProduct(weights, v, out),
    logisticPoint: (labels) => logisticPoint(design, labels),
    weightedVectors: (system) => design.weightedVectors(system),
    gram: (weights) => design.weightedGram(weights),
    gramDiagonal: (weights) => design.weightedSquares(weights),
    perceptronPass: (labels, step, theta) => design.perceptronPass(labels, step, theta),
    measuredPerceptronPass: (labels, step, theta, next) =>
      design.measuredPerceptronPass(labels, step, theta, next),
    entries,
    release: () => design.release(),
  };
}

/** The maps of a dense matrix through its copy. */
function residentDenseMap(A: DenseMatrix, design: DesignRows): DesignMap {
  return residentMap(A, design, () => A.values.slice());
}

/** The maps of a sparse matrix through its copy. */
function residentSparseMap(A: CsrMatrix, design: SparseRows): DesignMap {
  return residentMap(A, design, () => csrToDense(A).values);
}

function sparseMap(A: CsrMatrix): DesignMap {
  const { rows, columns, rowPointers, columnIndices, values } = A;
  const products = {
    rows,
    columns,
    product(x: Float64Array, out: Float64Array) {
      csrMultiply(A, x, out);
    },
    adjoint(v: Float64Array, out: Float64Array) {
      csrMultiplyTransposed(A, v, out);
    },
  };
  return {
    ...products,
    flops: flopsOf(A),
    weightedProduct: weightedProductBy(products),
    gram: (weights) => csrWeightedGram(A, weights),
    gramDiagonal(weights) {
      const diagonal = new Float64Array(columns);
      for (let i = 0; i < rows; i++)
        for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++)
          diagonal[columnIndices[k]] += weights[i] * values[k] ** 2;
      return diagonal;
    },
    entries: () => csrToDense(A).values,
  };
}

/** The maps of a matrix that is known to be well formed, for a few uses; its entries may overflow. */
export function uncheckedDesignMap(A: DesignMatrix): DesignMap {
  const inPlace = isSparse(A) ? sparseMap(A) : denseMap(A);
  if (!isLarge(A)) return inPlace;
  return {
    ...inPlace,
    copied() {
      const copy = checkedDesignMap(A);
      return { ...copy, [Symbol.dispose]: () => copy.release?.() };
    },
  };
}

/**
 * Checks a design matrix once and returns its maps.
 *
 * @throws ArgumentError when it has no row or no column, or the sizes do not fit
 * @throws DataError naming row and column of an entry that is not finite, or what is wrong with compressed rows
 */
export function designMap(A: DesignMatrix, name = "A"): DesignMap {
  checkDesignSize(A, name);
  if (!isLarge(A)) {
    checkDesign(A, name);
    return checkedDesignMap(A);
  }
  if (isSparse(A)) return residentSparseMap(A, checkedCopy(A, sparseRows));
  const design = designRows(A);
  if (!design.isFinite) checkDesign(A, name);
  return residentDenseMap(A, design);
}

const isLarge = ({ values }: DesignMatrix) => values.length >= RESIDENT_ENTRIES && blasAvailable();

/** The maps of a matrix that is known to be well formed. */
export function checkedDesignMap(A: DesignMatrix): DesignMap {
  const large = isLarge(A);
  if (isSparse(A)) return large ? residentSparseMap(A, sparseRows(A)) : sparseMap(A);
  return large ? residentDenseMap(A, designRows(A)) : denseMap(A);
}
