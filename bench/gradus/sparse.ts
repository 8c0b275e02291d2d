import { createReadStream } from "node:fs";
import { readLibsvm } from "gradus/data";
import { type CsrMatrix, checkCsr, matrixOperator, multiply, multiplyTransposed, norm2 } from "gradus/linalg";
import { filePath, type Inputs } from "../input-files.ts";
import { type SparseName, sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";

function load(inputs: Inputs, name: SparseName) {
  const get = (part: string) => inputs[`sparse.${name}.${part}`].data;
  const { rows, columns } = sizes.sparse[name];
  const A: CsrMatrix = checkCsr({
    rows,
    columns,
    rowPointers: Int32Array.from(get("pointers"), Number),
    columnIndices: Int32Array.from(get("indices"), Number),
    values: Float64Array.from(get("values"), Number),
  });
  return { A, x: Float64Array.from(get("x"), Number), y: Float64Array.from(get("y"), Number) };
}

/** A x, or A^T y, into an array that stays. */
export function sparseProduct(inputs: Inputs, name: SparseName, transposed: boolean): Runner {
  const { A, x, y } = load(inputs, name);
  const out = new Float64Array(transposed ? A.columns : A.rows);
  return productRunner(() => (transposed ? multiplyTransposed(A, y, out) : multiply(A, x, out)));
}

/** The same by a copy in WebAssembly memory, which stays too. */
export function residentProduct(inputs: Inputs, name: SparseName, transposed: boolean): Runner {
  const { A, x, y } = load(inputs, name);
  const { apply, applyAdjoint } = matrixOperator(A, { resident: true });
  const out = new Float64Array(transposed ? A.columns : A.rows);
  return productRunner(() => {
    if (transposed) applyAdjoint?.(y, out);
    else apply(x, out);
    return out;
  });
}

const productRunner = (call: () => Float64Array): Runner => ({
  reset() {},
  call,
  unitsPerCall: 1,
  check() {
    const product = call();
    return [norm2(product), product[0], product[product.length - 1]];
  },
});

/** The file as a stream, parsed into a sparse matrix and labels. */
export function libsvmReading(directory: string): Runner {
  const path = filePath(directory, "libsvm");
  const call = () => readLibsvm(createReadStream(path));
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    async check() {
      const { x, y } = await call();
      const product = multiply(
        x,
        Float64Array.from({ length: x.columns }, (_, j) => 1 / (1 + j)),
      );
      return [
        x.rows,
        x.columns,
        x.values.length,
        y.reduce((total, label) => total + label, 0),
        norm2(x.values),
        norm2(product),
      ];
    },
  };
}
