import { isSparse } from "../../../linalg/matrix.ts";
import type { DesignMatrix } from "../../../objectives/design-matrix.ts";
import type { RandomStream } from "../../../random/stream.ts";

/** How sketches S are drawn; `s` columns each. */
export type SketchKind =
  /** S = e_i, every row i of A as likely as the others (rows of zeros never): randomized Kaczmarz. */
  | "kaczmarz"
  /** S = e_i with probability ||A_i||^2 / ||A||_F^2 (Strohmer & Vershynin 2009). */
  | "kaczmarz-weighted"
  /** S ~ N(0, I), one column. */
  | "gaussian"
  /** S = s different unit vectors, all sets equally likely: a block of rows at a time. */
  | "block"
  /** S of s independent N(0, 1) columns. */
  | "block-gaussian";

/** One way of drawing sketches, at work on one system. */
export interface SketchProjector {
  /** Moves z by that many steps  z <- z - W^T (W W^T)^+ (W z - S^T b),  W = S^T A,  S drawn anew at each. */
  advance(z: Float64Array, steps: number): void;
  /** Multiplications and additions per step. */
  readonly flopsPerStep: number;
  /** Numbers kept beside A, b and z. */
  readonly storage: number;
}

/** A custom sketch: the projector for a system A z = b. All randomness comes from the stream. */
export type SketchMaker = (A: SystemMatrix, b: Float64Array, stream: RandomStream) => SketchProjector;

/** The matrix of a system, dense or by compressed rows. */
export type SystemMatrix = DesignMatrix;

/** Squared Euclidean lengths of the rows. */
export function squaredRowNorms(A: SystemMatrix): Float64Array<ArrayBuffer> {
  const norms = new Float64Array(A.rows);
  for (let i = 0; i < A.rows; i++) {
    const from = isSparse(A) ? A.rowPointers[i] : i * A.columns;
    const to = isSparse(A) ? A.rowPointers[i + 1] : from + A.columns;
    for (let k = from; k < to; k++) norms[i] += A.values[k] * A.values[k];
  }
  return norms;
}

/** How many numbers of A a product reads. */
export function entryCount(A: SystemMatrix): number {
  return A.values.length;
}
