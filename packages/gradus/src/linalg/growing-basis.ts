import { blasAvailable, OutOfMemoryError, ResidentBasis } from "@gradus/blas";
import { compiledFrom } from "./compiled.ts";
import { orthogonalize, orthogonalizeBy } from "./orthogonalize.ts";

/** Numbers of vectors that are kept in WebAssembly memory, 256 MB. */
const MOST = 2 ** 25;

/**
 * What makes vectors orthogonal to a basis that grows, as `orthogonalize` does: of long vectors it keeps copies in
 * WebAssembly memory. A vector of the basis is never overwritten.
 */
export class GrowingBasis {
  readonly #length: number;
  /** The vectors that have copies. */
  #copied: Float64Array[] = [];
  #resident: ResidentBasis | undefined;
  #plain: boolean;

  /** @param length numbers of each vector */
  constructor(length: number) {
    this.#length = length;
    this.#plain = length < compiledFrom.basisLength || !blasAvailable();
  }

  /** The copies, with those of vectors that had none; undefined where vectors are short or there is no room. */
  #load(basis: readonly Float64Array[]): ResidentBasis | undefined {
    if (this.#plain || basis.length * this.#length > MOST) return undefined;
    try {
      this.#resident ??= new ResidentBasis(this.#length);
      const other = this.#copied.findIndex((vector, j) => vector !== basis[j]);
      if (other >= 0) this.#copied.length = other;
      this.#resident.truncate(this.#copied.length);
      for (const vector of basis.slice(this.#copied.length)) {
        this.#resident.append(vector);
        this.#copied.push(vector);
      }
      return this.#resident;
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      this.#plain = true;
      this.release();
      return undefined;
    }
  }

  /**
   * Makes v orthogonal to an orthonormal basis, mostly the one of last time with another vector.
   *
   * @param coefficients where given, Q^T v of the v that came in, and 0 for vectors to come
   */
  orthogonalize(v: Float64Array, basis: readonly Float64Array[], coefficients?: Float64Array): void {
    const resident = this.#load(basis);
    const own = coefficients?.subarray(0, basis.length);
    if (resident) orthogonalizeBy(() => resident.projectOut(v, own), v, coefficients);
    else orthogonalize(v, basis, coefficients);
  }

  /** Gives the memory back; the next call copies again. */
  release(): void {
    this.#resident?.dispose();
    this.#resident = undefined;
    this.#copied = [];
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
