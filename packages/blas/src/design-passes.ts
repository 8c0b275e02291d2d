import type { ConjugateVectors, WeightedSystem } from "./conjugate-vectors.ts";
import type { Frame } from "./memory.ts";

/** A weighted system but for its weights. */
export type VectorSystem = Omit<WeightedSystem, "weights">;

/** Passes over a design A in WebAssembly memory, by addresses: for what keeps its vectors there too. */
export interface DesignPasses {
  readonly rows: number;
  readonly columns: number;
  /** Makes the copy of the design now, unless it is there. */
  load(): void;
  /** out = A x. */
  product(x: number, out: number): void;
  /** out = A^T v. */
  adjoint(v: number, out: number): void;
  /** out = A^T diag(weights) A v. */
  weightedProduct(weights: number, v: number, out: number): void;
  /** `logisticPass` of the module `rows`, where one reading of A is faster than two. */
  logisticPass?(
    ...places: [labels: number, x: number, outputs: number, losses: number, slopes: number, out: number]
  ): void;
  /**
   * Vectors for conjugate gradients.
   *
   * @param weightsIn writes the weights into memory of theirs; their address
   */
  vectors(system: VectorSystem, weightsIn: (frame: Frame) => number): ConjugateVectors;
}

/** The passes of the designs that have them, for the package's own modules. */
export const designPasses = new WeakMap<object, DesignPasses>();
