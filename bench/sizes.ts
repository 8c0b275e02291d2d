import { fittingSizes } from "./fitting-sizes.ts";

/** Sizes and constants of the cases; every peer reads them from the manifest beside the inputs. */
export const sizes = {
  /** Orders of the square matrices that are multiplied. */
  matmul: [512, 1024],
  /** The 784-128-10 network: relu, softmax cross-entropy, plain gradient descent. */
  small: { inputs: 784, hidden: 128, classes: 10, batch: 64, rows: 6400, steps: 100, learningRate: 0.05 },
  /** The same network at a size where matrix products take the time. */
  wide: { inputs: 1024, hidden: 2048, classes: 10, batch: 256, rows: 256, steps: 10, learningRate: 0.05 },
  /** Six 64-wide layers, tanh between them, mean squared error. */
  deep: { layers: 6, width: 64, batch: 32 },
  /**
   * Two convolutions with 3 x 3 kernels that keep the image's size, each followed by relu and 2 x 2 max pooling, then
   * a dense layer and softmax cross-entropy.
   */
  convolutional: { batch: 64, side: 28, channels: [8, 16], kernel: 3, classes: 10, learningRate: 0.05 },
  /** A linear model on the whole set; the labels are 10 % positive. */
  linear: { rows: 100_000, features: 29, slope: 73, learningRate: { bce: 0.1, metric: 0.01 } },
  /** The Hessian of a 100-90-10 network, which has 10,000 parameters: tanh, softmax cross-entropy, float64. */
  spectrum: { inputs: 100, hidden: 90, classes: 10, batch: 256, steps: 100, eigenvalues: 5, tolerance: 1e-8 },
  /**
   * The curvature of a trained 112-64-32-2 network, which has 9,378 parameters: tanh, softmax cross-entropy, float64, on
   * rows of mushrooms; and tangent kernels: of that network on some of the rows, and of infinitely wide ones.
   */
  curvature: {
    widths: [112, 64, 32, 2],
    rows: 1000,
    training: { steps: 200, learningRate: 0.5 },
    traceProbes: 30,
    quadrature: { probes: 3, steps: 30 },
    eigenpairs: { count: 5, tolerance: 1e-8 },
    points: 128,
    infinite: { rows: 500, columns: 50, depth: 4, biasStd: 0.1 },
  },
  /** Orders of dense matrices that are multiplied and factorized. */
  dense: [64, 256, 1024],
  /** Rows and columns of the matrices that are factorized orthogonally. */
  orthogonal: [
    [1000, 400],
    [400, 1000],
    [100, 100],
    [5000, 20],
  ],
  /** Features of random units with parameters from [-slope, slope]^2, at points of [0, 1]. */
  leastSquares: { rows: 1000, columns: 400, slope: 100, relativeCutoff: 1e-10 },
  /** Orders of symmetric eigenproblems. */
  eigen: [30, 100, 300, 1000],
  /** Sparse matrices whose rows have 1 to 2 `perRow` - 1 entries. */
  sparse: {
    cached: { rows: 2000, columns: 2000, perRow: 200 },
    tall: { rows: 100_000, columns: 10_000, perRow: 10 },
    vast: { rows: 1_000_000, columns: 1_000_000, perRow: 5 },
  },
  /** A file in the LIBSVM format: so many bytes at least, rows of 20 to 99 entries, gaps of 1 to 400 columns. */
  libsvm: { bytes: 100_000_000, entries: [20, 99], gap: 400, digits: 6 },
  /**
   * Nonnegative lasso and greedy least squares: lambda over lambda_max, and blocks that hold the weights of the optimum
   * twice over (few) or a little more (many).
   */
  lasso: {
    rows: 1000,
    columns: 10_000,
    blockSize: 50,
    steps: 20,
    few: { ratio: 0.22, blockSize: 100 },
    many: { ratio: 0.1, blockSize: 300 },
  },
  /** A side x side lattice with so many labeled nodes. */
  lattice: { side: 50, labels: 100, steps: 20 },
  /** Minimizers: log-sum-exp of n functions in R^n, a residual of m equations in 2 m unknowns, mushrooms with a ridge. */
  newton: {
    logSumExp: 200,
    residual: { rows: 100, power: 4, target: 1e-12 },
    gap: 1e-8,
    ridge: 1e-3,
    gradient: 1e-6,
  },
  /** Problems of several sizes, each about twice or four times the one before, for the figures of time against size. */
  scaling: {
    logistic: { rows: 2000, columns: [25, 50, 100, 200, 400] },
    lasso: { rows: 500, columns: [1000, 2000, 4000, 8000, 16_000], ratio: 0.22, blockSize: 100 },
    /** One node in `nodesPerLabel` is labeled. */
    lattice: { sides: [20, 40, 80, 160], nodesPerLabel: 25 },
    system: { orders: [50, 100, 200, 400, 800] },
    /** Networks of two hidden layers, tanh; one of the two sizes changes, the other is that of `fixed`. */
    hessian: { inputs: 32, classes: 10, widths: [32, 64, 128, 256, 512], rows: [32, 128, 512, 2048, 8192] },
    tangent: { inputs: 32, classes: 1, widths: [32, 64, 128, 256, 512], rows: [32, 64, 128, 256, 512] },
    fixed: { hessian: { width: 64, rows: 256 }, tangent: { width: 128, rows: 64 } },
    infinite: { columns: 50, depth: 3, biasStd: 0.1, rows: [100, 200, 400, 800, 1600] },
  },
  fitting: fittingSizes,
  /** Iterations from the starting point after which the peers' numbers are compared. */
  checkedIterations: 5,
} as const;

export type SparseName = keyof typeof sizes.sparse;
