import { type ResidentMatrix, residentMatrix } from "@gradus/blas/dense";
import type { DenseMatrix } from "../matrix.ts";

/** The only ones in WebAssembly memory. Measured: more of them cost more in caches than copying them out does. */
let newest: KeptFactors<unknown> | undefined;

/** Gives the memory of a factorization back that nobody can reach any more. */
const forgotten = new FinalizationRegistry<KeptFactors<unknown>>((factors) => factors.release());

const factorsOf = new WeakMap<object, KeptFactors<unknown>>();

class KeptFactors<Parts> {
  readonly #copyOut: (matrix: ResidentMatrix) => Parts;
  #content: { readonly matrix: ResidentMatrix } | { readonly matrix?: undefined; readonly parts: Parts };

  constructor(matrix: ResidentMatrix, copyOut: (matrix: ResidentMatrix) => Parts) {
    this.#content = { matrix };
    this.#copyOut = copyOut;
  }

  /** Undefined once the factors have been copied out. */
  get matrix(): ResidentMatrix | undefined {
    return this.#content.matrix;
  }

  /** The factors, copied out of WebAssembly memory by the first call. */
  read(): Parts {
    const content = this.#content;
    if (content.matrix === undefined) return content.parts;
    const parts = this.#copyOut(content.matrix);
    this.release();
    this.#content = { parts };
    return parts;
  }

  release(): void {
    this.matrix?.dispose();
    if (newest === this) newest = undefined;
  }
}

/** A copy to be factorized where the last factors were, which are copied out. */
export function residentToFactorize(A: DenseMatrix): ResidentMatrix {
  newest?.read();
  return residentMatrix(A);
}

/**
 * What a factorization returns: an object whose factors stay in WebAssembly memory until they are read, because most
 * programs only solve systems with them, or until the next factorization.
 *
 * @param matrix made by `residentToFactorize`; belongs to the result from now on
 * @param copyOut the factors, as they are read
 * @param view the result, which reads the factors by calling the function
 */
export function withKeptFactors<Parts, View extends object>(
  matrix: ResidentMatrix,
  copyOut: (matrix: ResidentMatrix) => Parts,
  view: (read: () => Parts) => View,
): View {
  const factors = new KeptFactors(matrix, copyOut);
  newest = factors;
  const result = view(() => factors.read());
  factorsOf.set(result, factors);
  forgotten.register(result, factors);
  return result;
}

/** The factors of what `withKeptFactors` made, where they are still in WebAssembly memory. */
export function keptMatrix(factorization: object): ResidentMatrix | undefined {
  return factorsOf.get(factorization)?.matrix;
}
