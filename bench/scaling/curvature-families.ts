import { sizes } from "../sizes.ts";
import { type Entrant, type Family, family } from "./family.ts";

const { hessian, tangent, fixed, infinite } = sizes.scaling;
const DOUBLE = 1e-9;

const gradus = (label: string, suffix?: string): Entrant => ({ peer: "gradus", label, suffix });
const pytorch = (label: string): Entrant => ({ peer: "pytorch", label });

const products = (by: "widths" | "rows", size: string, title: string): Family =>
  family({
    id: `hessian-${by}`,
    paper: "11",
    title: `Hessian-vector products at one point, ${hessian.inputs}-w-w-${hessian.classes} network, ${title}`,
    size,
    program: `scaling-hessian-${by}`,
    unit: "product",
    parameters: hessian[by],
    entrants: [gradus("gradus"), pytorch("PyTorch, double backward")],
    tolerance: DOUBLE,
  });

const tangentKernels = (by: "widths" | "rows", size: string, title: string): Family =>
  family({
    id: `tangent-${by}`,
    paper: "15",
    title: `Empirical tangent kernel, ${tangent.inputs}-w-w-${tangent.classes} network, ${title}`,
    size,
    program: `scaling-tangent-${by}`,
    unit: "matrix",
    parameters: tangent[by],
    entrants: [
      gradus("gradus", "layers"),
      gradus("gradus, any model, compiled anew", "gradients"),
      pytorch("PyTorch, vmap of jacrev"),
    ],
    tolerance: DOUBLE,
  });

/** Curvature and tangent kernels against the width and the number of rows, in float64. */
export const curvatureFamilies: readonly Family[] = [
  products("widths", "width w", `${fixed.hessian.rows} rows`),
  products("rows", "rows", `w = ${fixed.hessian.width}`),
  tangentKernels("widths", "width w", `${fixed.tangent.rows} rows`),
  tangentKernels("rows", "rows", `w = ${fixed.tangent.width}`),
  family({
    id: "infinite",
    paper: "15",
    title: `Covariance and tangent kernel of an infinitely wide ReLU network of depth ${infinite.depth}, ${infinite.columns} columns`,
    size: "rows",
    program: "scaling-infinite",
    unit: "pair of matrices",
    parameters: infinite.rows,
    entrants: [
      { peer: "gradus-host", label: "gradus" },
      { peer: "scipy", label: "NumPy" },
    ],
    tolerance: DOUBLE,
  }),
];
