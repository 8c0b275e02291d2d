/** What every iterative solver of A x = b provides when an iterate is read. */
export interface LinearSystemSolution {
  /** The solution so far. */
  readonly x: Float64Array;
}
