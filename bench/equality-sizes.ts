/** Constants of the cases with equality constraints; `peers/equality.py` has the same. */
export const equalitySizes = {
  /** KKT residual at the end. */
  tolerance: 1e-8,
  /** Linear equations of the constrained logistic regression. */
  equations: 10,
  /** Rows of the splice junctions, which are read from the data directory. */
  spliceRows: 1000,
  /** Relative residual of the linear systems, and their orders. */
  residual: 1e-6,
  orders: [100, 400],
} as const;
