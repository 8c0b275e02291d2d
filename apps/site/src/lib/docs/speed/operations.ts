// What the page on speed times: each operation in plain JavaScript and by @gradus/blas, on the same numbers.
import { cholesky, gemm, gemv, lu, residentMatrix } from "@gradus/blas/dense";
import { symmetricEigen } from "@gradus/blas/eigen";
import { qr, singularValues } from "@gradus/blas/orthogonal";
import { choleskyFactor, luFactor, matrixVector, product } from "./plain.ts";
import * as plainSpectra from "./plain-spectra.ts";

/** One operation at one size. */
export interface Operation {
  readonly id: string;
  readonly name: string;
  /** BLAS's or LAPACK's name for it. */
  readonly routine: string;
  readonly size: string;
  /** Floating-point operations of one call. */
  readonly flops: number;
}

/** An operation with its numbers at hand: each call does the whole of it. */
export interface PreparedOperation {
  plain(): void;
  compiled(): void;
  /** The largest difference of the two results, relative to the largest number of the result. */
  difference(): number;
}

const PRODUCT = 512;
const FACTORED = 512;
const TALL = { rows: 512, columns: 256 };
const SPECTRUM = 256;
const VECTOR = 1024;

export const operations: readonly Operation[] = [
  {
    id: "gemm",
    name: "Matrix product",
    routine: "DGEMM",
    size: `${PRODUCT} × ${PRODUCT}`,
    flops: 2 * PRODUCT ** 3,
  },
  {
    id: "cholesky",
    name: "Cholesky factorization",
    routine: "DPOTRF",
    size: `${FACTORED} × ${FACTORED}`,
    flops: FACTORED ** 3 / 3,
  },
  {
    id: "lu",
    name: "LU factorization with partial pivoting",
    routine: "DGETRF",
    size: `${FACTORED} × ${FACTORED}`,
    flops: (2 * FACTORED ** 3) / 3,
  },
  {
    id: "qr",
    name: "QR factorization",
    routine: "DGEQRF",
    size: `${TALL.rows} × ${TALL.columns}`,
    flops: 2 * TALL.columns ** 2 * (TALL.rows - TALL.columns / 3),
  },
  {
    id: "singular-values",
    name: "Singular values",
    routine: "DGESDD without vectors",
    size: `${SPECTRUM} × ${SPECTRUM}`,
    flops: (8 * SPECTRUM ** 3) / 3,
  },
  {
    id: "eigen",
    name: "Symmetric eigenproblem, with vectors",
    routine: "DSYEVD",
    size: `${SPECTRUM} × ${SPECTRUM}`,
    flops: 9 * SPECTRUM ** 3,
  },
  {
    id: "gemv",
    name: "Matrix times vector, the matrix kept in WebAssembly memory",
    routine: "DGEMV",
    size: `${VECTOR} × ${VECTOR}`,
    flops: 2 * VECTOR ** 2,
  },
];

/** Numbers between -1/2 and 1/2 that look random, the same everywhere. */
function numbers(count: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (1_664_525 * state + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32 - 0.5;
  });
}

/** Symmetric and positive definite: its diagonal outweighs the rest of each row. */
function definite(n: number): Float64Array {
  const half = numbers(n * n, 3);
  return half.map((value, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    return row === column ? n : (value + half[column * n + row]) / 2;
  });
}

function relativeDifference(a: Float64Array, b: Float64Array): number {
  let [largest, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    largest = Math.max(largest, Math.abs(a[i] - b[i]));
    size = Math.max(size, Math.abs(a[i]));
  }
  return largest / size;
}

function lowerTriangle(n: number, values: Float64Array): Float64Array {
  return values.map((value, at) => (at % n <= Math.floor(at / n) ? value : 0));
}

/** Factorizations work in place: each call begins with a copy, in both. */
const preparations: Readonly<Record<string, () => PreparedOperation>> = {
  gemm() {
    const n = PRODUCT;
    const matrix = (values: Float64Array) => ({ rows: n, columns: n, values });
    const [a, b] = [numbers(n * n, 1), numbers(n * n, 2)];
    const [plain, compiled] = [new Float64Array(n * n), matrix(new Float64Array(n * n))];
    return {
      plain: () => product(n, a, b, plain),
      compiled: () => gemm({ a: matrix(a), b: matrix(b), c: compiled }),
      difference: () => relativeDifference(plain, compiled.values),
    };
  },
  cholesky() {
    const n = FACTORED;
    const a = definite(n);
    const [plain, compiled] = [a.slice(), a.slice()];
    return {
      plain() {
        plain.set(a);
        choleskyFactor(n, plain);
      },
      compiled() {
        compiled.set(a);
        cholesky({ a: { rows: n, columns: n, values: compiled } });
      },
      difference: () => relativeDifference(lowerTriangle(n, plain), lowerTriangle(n, compiled)),
    };
  },
  lu() {
    const n = FACTORED;
    const a = numbers(n * n, 4);
    const [plain, compiled, pivots] = [a.slice(), a.slice(), new Int32Array(n)];
    return {
      plain() {
        plain.set(a);
        luFactor(n, plain, pivots);
      },
      compiled() {
        compiled.set(a);
        lu({ a: { rows: n, columns: n, values: compiled } });
      },
      difference: () => relativeDifference(plain, compiled),
    };
  },
  qr() {
    const { rows, columns } = TALL;
    const a = numbers(rows * columns, 7);
    const plain = a.slice();
    let compiled = new Float64Array(0);
    return {
      plain() {
        plain.set(a);
        plainSpectra.qrFactor(rows, columns, plain);
      },
      compiled() {
        compiled = Float64Array.from(qr({ a: { rows, columns, values: a } }).packed);
      },
      // one by rows, the other by columns
      difference: () =>
        relativeDifference(
          plain,
          plain.map((_, at) => compiled[(at % columns) * rows + Math.floor(at / columns)]),
        ),
    };
  },
  "singular-values"() {
    const n = SPECTRUM;
    const values = numbers(n * n, 8);
    let plain: Float64Array = new Float64Array(0);
    let compiled = new Float64Array(0);
    return {
      plain() {
        plain = plainSpectra.singularPairs(n, values.slice());
      },
      compiled() {
        compiled = Float64Array.from(singularValues({ a: { rows: n, columns: n, values } }));
      },
      difference: () => relativeDifference(plain.toSorted().reverse().subarray(0, n), compiled),
    };
  },
  eigen() {
    const n = SPECTRUM;
    const values = definite(n);
    const [plain, vectors] = [new Float64Array(n), new Float64Array(n * n)];
    let compiled = new Float64Array(0);
    return {
      plain: () => plainSpectra.symmetricEigen(n, values.slice(), plain, vectors),
      compiled() {
        compiled = Float64Array.from(symmetricEigen({ a: { rows: n, columns: n, values } }).values);
      },
      difference: () => relativeDifference(plain.toSorted().reverse(), compiled),
    };
  },
  gemv() {
    const n = VECTOR;
    const values = numbers(n * n, 5);
    const a = residentMatrix({ rows: n, columns: n, values });
    const [x, plain, compiled] = [numbers(n, 6), new Float64Array(n), new Float64Array(n)];
    return {
      plain: () => matrixVector(n, values, x, plain),
      compiled: () => gemv({ a, x, y: compiled }),
      difference: () => relativeDifference(plain, compiled),
    };
  },
};

/** Makes the numbers of an operation. */
export function prepare({ id }: Operation): PreparedOperation {
  return preparations[id]();
}
