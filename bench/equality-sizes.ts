/** Constants of the cases with equality constraints; `peers/equality.py` has the same. */
export const equalitySizes = {
  /** KKT residual at the end. */
  tolerance: 1e-8,
  /** Linear equations of the constrained logistic regression. */
  equations: 10,
  /** Rows of the splice junctions, which are read from the data directory. */
  spliceRows: 1000,
  /** Rows and columns of the constrained logistic regressions on drawn designs, which are those of `fit-logistic`. */
  designs: [
    [1000, 50],
    [10_000, 20],
    [10_000, 200],
  ],
  /** Relative residual of the linear systems, and their orders. */
  residual: 1e-6,
  orders: [100, 400],
} as const;
