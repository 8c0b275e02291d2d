import { gemm, residentMatrix } from "@gradus/blas/dense";
import { type DenseMatrix, denseMatrix, isSparse } from "../matrix.ts";
import { adjointProduct, type Product } from "../operator/contract.ts";
import { type OperatorOrMatrix, operatorOf } from "../operator/matrix-operator.ts";

type Vectors = readonly Float64Array[];

/** A x of several vectors, and A^T y, each in a new array. */
export interface BlockProducts {
  forward(vectors: Vectors): Promise<Float64Array[]>;
  /** @throws ArgumentError when A is an operator without an adjoint */
  backward(vectors: Vectors): Promise<Float64Array[]>;
}

const isDense = (A: OperatorOrMatrix): A is DenseMatrix => !("apply" in A) && !isSparse(A);

/** Vectors of equal lengths as the rows of a matrix. */
function stacked(vectors: Vectors, length: number): DenseMatrix {
  const values = new Float64Array(vectors.length * length);
  for (const [i, vector] of vectors.entries()) values.set(vector, i * length);
  return denseMatrix(values, vectors.length, length);
}

function rowsOf({ rows, columns, values }: { rows: number; columns: number; values: Float64Array }) {
  return Array.from({ length: rows }, (_, i) => values.subarray(i * columns, (i + 1) * columns));
}

async function oneByOne(
  apply: Product,
  vectors: Vectors,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array[]> {
  const results: Float64Array[] = [];
  for (const vector of vectors) {
    signal?.throwIfAborted();
    const out = new Float64Array(length);
    const pending = apply(vector, out);
    if (pending) await pending;
    results.push(out);
  }
  return results;
}

/**
 * Runs with products of A with several vectors: of a dense matrix all at once, copied for the time of the run to where
 * that is fast; else one by one.
 */
export async function withBlockProducts<T>(
  matrix: OperatorOrMatrix,
  signal: AbortSignal | undefined,
  run: (products: BlockProducts) => Promise<T>,
): Promise<T> {
  const A = operatorOf("A", matrix);
  if (!isDense(matrix))
    return run({
      forward: (vectors) => oneByOne((x, out) => A.apply(x, out), vectors, A.rows, signal),
      backward: (vectors) => oneByOne(adjointProduct(A), vectors, A.columns, signal),
    });
  const resident = residentMatrix(matrix);
  const multiplied = async (vectors: Vectors, length: number, transposeB: boolean) => {
    signal?.throwIfAborted();
    return vectors.length === 0 ? [] : rowsOf(gemm({ a: stacked(vectors, length), b: resident, transposeB }));
  };
  try {
    return await run({
      forward: (vectors) => multiplied(vectors, A.columns, true),
      backward: (vectors) => multiplied(vectors, A.rows, false),
    });
  } finally {
    resident.dispose();
  }
}
