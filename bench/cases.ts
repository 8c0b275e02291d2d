import { bilevelCases } from "./bilevel-cases.ts";
import { collaborativeCases } from "./collaborative-cases.ts";
import { convexNetworkCases } from "./convex-network-cases.ts";
import { curvatureCases } from "./curvature-cases.ts";
import { denseCases } from "./dense-cases.ts";
import { diffusionCases } from "./diffusion-cases.ts";
import { directionCases } from "./direction-cases.ts";
import { eigenCases } from "./eigen-cases.ts";
import { equalityCases } from "./equality-cases.ts";
import { explanationCases } from "./explanation-cases.ts";
import { fittingCases } from "./fitting-cases.ts";
import { importedCases } from "./imported-cases.ts";
import { leastSquaresCases } from "./least-squares-cases.ts";
import { minimizerCases } from "./minimizer-cases.ts";
import { operatorCases } from "./operator-cases.ts";
import { orthogonalCases } from "./orthogonal-cases.ts";
import { particleCases } from "./particle-cases.ts";
import { scoreCases } from "./score-cases.ts";
import { type SparseName, sizes } from "./sizes.ts";
import { stabilityCases } from "./stability-cases.ts";
import { targetSurrogateCases } from "./target-surrogate-cases.ts";

/** A way to run a case: which process, which of its programs, and what the table calls it. */
export interface Contender {
  readonly peer: "gradus" | "gradus-wasm" | "gradus-host" | "pytorch" | "tfjs" | "jax-js" | "scipy";
  readonly program: string;
  readonly label: string;
}

/** What DESIGN asks: gradus' time over the contender's, at most. */
export interface Budget {
  /** The contender whose time counts; the first one unless given. */
  readonly of?: string;
  readonly against: string;
  readonly atMost: number;
}

export interface Case {
  readonly id: string;
  readonly title: string;
  /** What one time is the time of. */
  readonly unit: string;
  readonly contenders: readonly Contender[];
  readonly budgets: readonly Budget[];
  /** Relative difference up to which two peers' numbers are the same. */
  readonly tolerance: number;
}

const SINGLE = 2e-4;
/** Some peers sum 100,000 float32 terms one after the other. */
const LONG_SUM = 2e-3;
const DOUBLE = 1e-9;
/** Eigenvalues that have converged to 1e-8. */
const CONVERGED = 1e-7;

const everyone = (program: string, pytorch = "PyTorch"): Contender[] => [
  { peer: "gradus", program, label: "gradus" },
  { peer: "gradus-wasm", program, label: "gradus, WASM" },
  { peer: "pytorch", program, label: pytorch },
  { peer: "tfjs", program, label: "TF.js WASM" },
  { peer: "jax-js", program, label: "jax-js" },
];

const secondOrder = (program: string): Contender[] => [
  ...everyone(program, "PyTorch, double backward"),
  { peer: "pytorch", program: `${program}-func`, label: "PyTorch, torch.func" },
];

const fullBatch = (loss: string, title: string): Case => ({
  id: loss,
  title: `${title}, linear model, 100,000 x 29, full-batch iteration`,
  unit: "iteration",
  contenders: everyone(loss),
  budgets: [],
  tolerance: LONG_SUM,
});

const matmul = (order: number): Case[] => [
  {
    id: `matmul-${order}`,
    title: `${order} x ${order} matrix product`,
    unit: "product",
    contenders: everyone(`matmul-${order}`),
    budgets: [{ against: "PyTorch", atMost: 1.1 }],
    tolerance: SINGLE,
  },
  {
    id: `matmul-${order}-double`,
    title: `${order} x ${order} matrix product, float64`,
    unit: "product",
    contenders: everyone(`matmul-${order}-double`).filter(({ peer }) => peer !== "tfjs" && peer !== "jax-js"),
    budgets: [{ against: "PyTorch", atMost: 1.1 }],
    tolerance: DOUBLE,
  },
];

/** The engine's runtimes and PyTorch. */
const engines = (program: string, pytorch = "PyTorch"): Contender[] => everyone(program, pytorch).slice(0, 3);

const RESIDENT = "gradus, matrix resident";

const sparseProducts = (name: SparseName): Case[] => {
  const { rows, columns, perRow } = sizes.sparse[name];
  const matrix = `${rows.toLocaleString("en")} x ${columns.toLocaleString("en")}, about ${perRow} entries a row`;
  return [
    { id: `sparse-${name}`, title: `Sparse product A x, ${matrix}` },
    { id: `sparse-${name}-transposed`, title: `Sparse product A^T y, ${matrix}` },
  ].map(({ id, title }) => ({
    id,
    title,
    unit: "product",
    contenders: [
      { peer: "gradus-host", program: id, label: "gradus" },
      { peer: "gradus-host", program: `${id}-resident`, label: RESIDENT },
      { peer: "scipy", program: id, label: "scipy" },
    ],
    budgets: [{ of: RESIDENT, against: "scipy", atMost: 1.1 }],
    tolerance: DOUBLE,
  }));
};

const onHost = (program: string, label = "gradus"): Contender => ({ peer: "gradus-host", program, label });
const inScipy = (program: string, label: string): Contender => ({ peer: "scipy", program, label });

const lassos: Case[] = (["few", "many"] as const).map((which) => {
  const { rows, columns } = sizes.lasso;
  const { ratio, blockSize } = sizes.lasso[which];
  return {
    id: `lasso-${which}`,
    title: `Nonnegative lasso, ${rows.toLocaleString("en")} x ${columns.toLocaleString("en")}, 7 % full, lambda ${ratio} lambda_max, to a relative gap of 1e-8 (exact blocks of ${blockSize})`,
    unit: "solution",
    contenders: [
      onHost(`lasso-${which}`),
      inScipy(`lasso-${which}-dense`, "scikit-learn, dense"),
      inScipy(`lasso-${which}-sparse`, "scikit-learn, sparse"),
      inScipy(`lasso-${which}-numpy`, "the same blocks, scipy's nnls"),
    ],
    budgets: [
      { against: "scikit-learn, dense", atMost: 1 },
      { against: "scikit-learn, sparse", atMost: 1 },
    ],
    tolerance: CONVERGED,
  };
});

const blockCoordinate: Case[] = [
  ...lassos,
  {
    id: "greedy-steps",
    title: `Least squares, 1,000 x 10,000, 7 % full: greedy step with a block of ${sizes.lasso.blockSize} by its Hessian`,
    unit: "step",
    contenders: [
      onHost("greedy-steps"),
      inScipy("greedy-steps-dense", "numpy, dense as the authors' code"),
      inScipy("greedy-steps-sparse", "numpy and scipy.sparse"),
    ],
    budgets: [],
    tolerance: CONVERGED,
  },
  {
    id: "tree-steps",
    title: `${sizes.lattice.side} x ${sizes.lattice.side} lattice: greedy tree by message passing`,
    unit: "step",
    contenders: [onHost("tree-steps"), inScipy("tree-steps", "Python's loops and numpy")],
    budgets: [],
    tolerance: CONVERGED,
  },
  {
    id: "lattice",
    title: `${sizes.lattice.side} x ${sizes.lattice.side} lattice: the whole system, to about 1e-8 of its energy`,
    unit: "solution",
    contenders: [
      onHost("lattice-trees", "gradus, trees in turn"),
      onHost("lattice-cg", "gradus, preconditioned CG"),
      inScipy("lattice-direct", "scipy's spsolve"),
      inScipy("lattice-cg", "scipy's cg"),
    ],
    budgets: [],
    tolerance: CONVERGED,
  },
];

const minimizers: Case[] = [
  {
    id: "newton-log-sum-exp",
    title: `Log-sum-exp, n = m = ${sizes.newton.logSumExp}, from (1, .., 1) to f - f* <= ${sizes.newton.gap}`,
    unit: "solution",
    contenders: [
      onHost("newton-log-sum-exp"),
      onHost("newton-log-sum-exp-weighted", "gradus, weighted Gauss-Newton"),
      inScipy("newton-log-sum-exp-newton-cg", "scipy, Newton-CG"),
      inScipy("newton-log-sum-exp-trust-exact", "scipy, trust-exact"),
      inScipy("newton-log-sum-exp-l-bfgs-b", "scipy, L-BFGS-B"),
    ],
    budgets: [],
    tolerance: CONVERGED,
  },
  {
    id: "newton-residual",
    title: `(1/4) ||A x - b||^4, A ${sizes.newton.residual.rows} x ${2 * sizes.newton.residual.rows}, from (1, .., 1) to f <= ${sizes.newton.residual.target} f(x0)`,
    unit: "solution",
    contenders: [
      onHost("newton-residual-fisher"),
      onHost("newton-residual-exact", "gradus, exact Hessian"),
      inScipy("newton-residual-newton-cg", "scipy, Newton-CG"),
      inScipy("newton-residual-trust-exact", "scipy, trust-exact"),
      inScipy("newton-residual-l-bfgs-b", "scipy, L-BFGS-B"),
    ],
    budgets: [],
    tolerance: CONVERGED,
  },
  {
    id: "newton-mushrooms",
    title: `Logistic regression, mushrooms (8,124 x 112), ridge ${sizes.newton.ridge}, to a gradient of ${sizes.newton.gradient}`,
    unit: "solution",
    contenders: [
      onHost("newton-mushrooms"),
      onHost("newton-mushrooms-products", "gradus, products alone"),
      onHost("newton-mushrooms-lbfgs", "gradus, L-BFGS"),
      onHost("newton-mushrooms-newton-cg", "gradus, Newton-CG"),
      onHost("newton-mushrooms-trust-region", "gradus, trust region"),
      inScipy("newton-mushrooms-trust-exact", "scipy, trust-exact"),
      inScipy("newton-mushrooms-l-bfgs-b", "scipy, L-BFGS-B"),
      inScipy("newton-mushrooms-newton-cg", "scipy, Newton-CG"),
      inScipy("newton-mushrooms-trust-ncg", "scipy, trust-ncg"),
      inScipy("newton-mushrooms-newton-cholesky", "scikit-learn, newton-cholesky"),
      inScipy("newton-mushrooms-lbfgs", "scikit-learn, lbfgs"),
      inScipy("newton-mushrooms-liblinear", "scikit-learn, liblinear"),
    ],
    budgets: [],
    tolerance: CONVERGED,
  },
];

export const cases: readonly Case[] = [
  {
    id: "step",
    title: "784-128-10 training step, batch 64, a call a step",
    unit: "step",
    contenders: everyone("step"),
    budgets: [{ against: "PyTorch", atMost: 1.1 }],
    tolerance: SINGLE,
  },
  {
    id: "steps",
    title: "784-128-10 training step, batch 64, 100 steps over gathered batches",
    unit: "step",
    contenders: everyone("steps"),
    budgets: [{ against: "PyTorch", atMost: 0.6 }],
    tolerance: SINGLE,
  },
  {
    id: "wide",
    title: "1024-2048-10 training step, batch 256, a call a step",
    unit: "step",
    contenders: everyone("wide"),
    budgets: [{ against: "PyTorch", atMost: 1.1 }],
    tolerance: SINGLE,
  },
  {
    id: "fused-wide",
    title: "1024-2048-10 training step, batch 256, 10 steps on the same batch",
    unit: "step",
    contenders: engines("fused-wide"),
    budgets: [{ against: "PyTorch", atMost: 1.1 }],
    tolerance: SINGLE,
  },
  {
    id: "gradient",
    title: "6x64 network, batch 32: value and gradient",
    unit: "gradient",
    contenders: everyone("gradient"),
    budgets: [],
    tolerance: SINGLE,
  },
  {
    id: "hvp",
    title: "6x64 network, batch 32: Hessian-vector product",
    unit: "product",
    contenders: secondOrder("hvp"),
    budgets: [
      { against: "PyTorch, double backward", atMost: 0.4 },
      { against: "PyTorch, torch.func", atMost: 0.15 },
      { against: "jax-js", atMost: 0.1 },
    ],
    tolerance: SINGLE,
  },
  {
    id: "hvp-double",
    title: "6x64 network, batch 32: Hessian-vector product, float64",
    unit: "product",
    contenders: secondOrder("hvp-double"),
    budgets: [
      { against: "PyTorch, double backward", atMost: 0.45 },
      { against: "PyTorch, torch.func", atMost: 0.15 },
      { against: "jax-js", atMost: 0.1 },
    ],
    tolerance: DOUBLE,
  },
  {
    id: "convolutional",
    title: "Two-convolution network training step, 28 x 28, batch 64",
    unit: "step",
    contenders: engines("convolutional"),
    budgets: [{ against: "PyTorch", atMost: 1.1 }],
    tolerance: SINGLE,
  },
  {
    id: "convolutional-hvp",
    title: "Two-convolution network, 28 x 28, batch 64: Hessian-vector product",
    unit: "product",
    contenders: engines("convolutional-hvp", "PyTorch, double backward"),
    budgets: [],
    tolerance: SINGLE,
  },
  {
    id: "lanczos",
    title: "10,000-parameter network: 100 Lanczos steps on the Hessian, reorthogonalized, float64",
    unit: "run",
    contenders: engines("lanczos", "PyTorch, double backward"),
    budgets: [],
    tolerance: CONVERGED,
  },
  {
    id: "eigenpairs",
    title: "10,000-parameter network: five largest eigenpairs of the Hessian to 1e-8, float64",
    unit: "run",
    contenders: [
      { peer: "gradus", program: "eigenpairs", label: "gradus" },
      { peer: "pytorch", program: "eigenpairs", label: "PyTorch, scipy's eigsh" },
    ],
    budgets: [],
    tolerance: CONVERGED,
  },
  ...curvatureCases,
  fullBatch("bce", "Cross-entropy"),
  fullBatch("f1", "AnyLoss F1"),
  fullBatch("balanced", "AnyLoss balanced accuracy"),
  fullBatch("gmean", "AnyLoss G-mean"),
  ...sizes.matmul.flatMap(matmul),
  ...sparseProducts("cached"),
  ...sparseProducts("tall"),
  ...sparseProducts("vast"),
  ...denseCases,
  ...orthogonalCases,
  ...leastSquaresCases,
  ...eigenCases,
  ...blockCoordinate,
  ...minimizers,
  ...minimizerCases,
  ...particleCases,
  ...fittingCases,
  ...equalityCases,
  ...collaborativeCases,
  ...operatorCases,
  ...targetSurrogateCases,
  ...bilevelCases,
  ...explanationCases,
  ...scoreCases,
  ...diffusionCases,
  ...convexNetworkCases,
  ...directionCases,
  ...stabilityCases,
  ...importedCases,
  {
    id: "libsvm",
    title: "Reading a LIBSVM file of 100 MB",
    unit: "file",
    contenders: [
      { peer: "gradus-host", program: "libsvm", label: "gradus" },
      { peer: "scipy", program: "libsvm", label: "scikit-learn" },
    ],
    budgets: [],
    tolerance: DOUBLE,
  },
];
