import type { RandomStream } from "../../random/stream.ts";

/** Input functions on an even grid: count x points, row-major. */
export interface InputFunctions {
  readonly grid: Float64Array;
  readonly values: Float64Array;
}

/** What an operator gives of a batch of input functions. */
export interface Solutions {
  readonly count: number;
  /** 1 where the solution stayed finite and bounded, 0 where it blew up. */
  readonly valid: Uint8Array;
  /** Writes a random location at which solutions are known. */
  draw(stream: RandomStream, location: Float64Array): void;
  /**
   * The solution for function `f` at a location.
   *
   * @throws ArgumentError where no solution is known
   */
  value(f: number, location: Float64Array): number;
}

/** A reference operator G: it gives G(u)(y) for batches of input functions u. */
export interface SolutionOperator {
  /** Coordinates of a location y. */
  readonly dimension: number;
  /** @throws ArgumentError when the grid does not fit the scheme */
  solve(inputs: InputFunctions): Solutions;
}
