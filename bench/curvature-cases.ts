import type { Case, Contender } from "./cases.ts";
import { sizes } from "./sizes.ts";

const { curvature } = sizes;
const DOUBLE = 1e-9;
/** The probes' start vectors reach the peers in float32. */
const ROUNDED_PROBES = 1e-6;
/** Eigenvalues that have converged to 1e-8. */
const CONVERGED = 1e-7;

const gradus = (program: string, label = "gradus"): Contender => ({ peer: "gradus", program, label });
const wasm = (program: string): Contender => ({ peer: "gradus-wasm", program, label: "gradus, WASM" });
const pytorch = (program: string, label = "PyTorch, double backward"): Contender => ({
  peer: "pytorch",
  program,
  label,
});

const network = `trained ${curvature.widths.join("-")} network, ${curvature.rows.toLocaleString("en")} rows of mushrooms, float64`;

const product = (id: string, title: string): Case => ({
  id,
  title: `${title}, many at one point: ${network}`,
  unit: "product",
  contenders: [gradus(id), wasm(id), pytorch(id), pytorch(`${id}-func`, "PyTorch, torch.func")],
  budgets: [],
  tolerance: DOUBLE,
});

const infinite = (activation: "relu" | "erf"): Case => {
  const { rows, columns, depth } = curvature.infinite;
  const name = { relu: "ReLU", erf: "erf" }[activation];
  return {
    id: `infinite-${activation}`,
    title: `Covariance and tangent kernel of an infinitely wide ${name} network of depth ${depth}, ${rows} x ${columns} inputs, float64`,
    unit: "pair of matrices",
    contenders: [
      { peer: "gradus-host", program: `infinite-${activation}`, label: "gradus" },
      { peer: "scipy", program: `infinite-${activation}`, label: "NumPy" },
    ],
    budgets: [],
    tolerance: DOUBLE,
  };
};

/** Curvature of a network that has learned, and tangent kernels, beside PyTorch and NumPy. */
export const curvatureCases: readonly Case[] = [
  product("curvature-hessian", "Hessian-vector product"),
  product("curvature-gauss-newton", "Gauss-Newton product"),
  {
    id: "curvature-trace",
    title: `Trace of the Hessian by ${curvature.traceProbes} Hutchinson probes: ${network}`,
    unit: "estimate",
    contenders: [gradus("curvature-trace"), pytorch("curvature-trace")],
    budgets: [],
    tolerance: DOUBLE,
  },
  {
    id: "curvature-quadrature",
    title: `Spectral density of the Hessian by ${curvature.quadrature.probes} Lanczos quadratures of ${curvature.quadrature.steps} steps, reorthogonalized: ${network}`,
    unit: "density",
    contenders: [
      gradus("curvature-quadrature"),
      pytorch("curvature-quadrature", "PyTorch, double backward, plain Lanczos"),
    ],
    budgets: [],
    tolerance: ROUNDED_PROBES,
  },
  {
    id: "curvature-eigenvalues",
    title: `The ${curvature.eigenpairs.count} largest eigenvalues of the Hessian to ${curvature.eigenpairs.tolerance.toExponential()}: ${network}`,
    unit: "run",
    contenders: [
      gradus("curvature-eigenvalues"),
      pytorch("curvature-eigenvalues", "PyTorch, double backward, plain Lanczos"),
      pytorch("curvature-eigenvalues-arpack", "PyTorch, double backward, scipy's eigsh"),
    ],
    budgets: [],
    tolerance: CONVERGED,
  },
  {
    id: "tangent-kernel",
    title: `Empirical tangent kernel of ${curvature.points} rows, mean over two outputs: ${network}`,
    unit: "matrix",
    contenders: [
      gradus("tangent-kernel-layers"),
      gradus("tangent-kernel-gradients", "gradus, any model, compiled anew"),
      pytorch("tangent-kernel", "PyTorch, vmap of jacrev"),
    ],
    budgets: [],
    tolerance: DOUBLE,
  },
  infinite("relu"),
  infinite("erf"),
];
