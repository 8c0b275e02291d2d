/**
 * From these sizes on, the compiled functions of @gradus/blas are faster than loops over typed arrays, although they
 * copy in and out: a call costs a microsecond, and V8 does not vectorize. Where the two met on one core (Node 24, x86-64)
 * for square matrices: products at order 16, lower triangles of products at 30, Cholesky factors at 58, triangular systems
 * at 19. Below, a caller keeps its loop.
 */
export const compiledFrom = {
  /** Multiplications of a matrix product. */
  product: 16 ** 3,
  /** n^2 times the inner dimension for one triangle of a product. */
  triangle: 30 ** 3,
  /** Order of a Cholesky factorization. */
  cholesky: 58,
  /** Numbers of the vectors of a basis. */
  basisLength: 64,
  /** Rows of a loss with exponentials. */
  lossRows: 128,
  /** Coordinates of points at which a test function is asked for. */
  waves: 256,
  /** Coordinates of a run's particles that make a step. */
  particleSteps: 256,
  /** n^2 times the number of right-hand sides of triangular systems. */
  triangular: 19 ** 3,
} as const;
