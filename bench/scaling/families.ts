import { sizes } from "../sizes.ts";
import { curvatureFamilies } from "./curvature-families.ts";
import { type Entrant, type Family, family } from "./family.ts";

const gradus = (label: string, suffix: string): Entrant => ({ peer: "gradus-host", label, suffix });
const python = (label: string, suffix: string): Entrant => ({ peer: "scipy", label, suffix });

const { newton, scaling } = sizes;
/** Values at the ends of solutions to 1e-8 and 1e-6. */
const CONVERGED = 1e-7;

/** The problems of the scaling figures; the first entrant of each is the method of its paper. */
export const families: readonly Family[] = [
  family({
    id: "logistic",
    paper: "01",
    title: `Logistic regression, ${scaling.logistic.rows.toLocaleString("en")} dense rows, ridge ${newton.ridge}, to a gradient of ${newton.gradient.toExponential()}`,
    size: "columns",
    program: "scaling-logistic",
    parameters: scaling.logistic.columns,
    entrants: [
      gradus("gradus, GNS Newton", "exact"),
      gradus("gradus, GNS Newton by products", "products"),
      python("scikit-learn, newton-cholesky", "newton-cholesky"),
      python("scikit-learn, lbfgs", "lbfgs"),
      python("scipy, L-BFGS-B", "l-bfgs-b"),
    ],
    tolerance: CONVERGED,
  }),
  family({
    id: "lasso",
    paper: "10",
    title: `Nonnegative lasso, ${scaling.lasso.rows} sparse rows, to a relative gap of 1e-8`,
    size: "columns",
    program: "scaling-lasso",
    parameters: scaling.lasso.columns,
    entrants: [
      gradus(`gradus, exact blocks of ${scaling.lasso.blockSize}`, "blocks"),
      python("scikit-learn, sparse", "sparse"),
      python("the same blocks, scipy's nnls", "numpy"),
    ],
    tolerance: CONVERGED,
  }),
  family({
    id: "lattice",
    paper: "10",
    title: "Label propagation on a lattice, to about 1e-8 of its energy",
    size: "nodes",
    program: "scaling-lattice",
    parameters: scaling.lattice.sides,
    sizeAt: (side) => side ** 2,
    entrants: [
      gradus("gradus, trees in turn", "trees"),
      gradus("gradus, preconditioned CG", "cg"),
      python("scipy's spsolve", "direct"),
      python("scipy's cg", "cg"),
    ],
    tolerance: CONVERGED,
  }),
  family({
    id: "system",
    paper: "13",
    title: "One Newton system, to a relative residual of 1e-6 (factorizations: to rounding)",
    size: "order",
    program: "equality-system",
    parameters: scaling.system.orders,
    entrants: [
      gradus("gradus, row sketches", "rows"),
      gradus("gradus, MINRES", "minres"),
      gradus("gradus, LU", "lu"),
      python("scipy, MINRES", "minres"),
      python("numpy, solve", "solve"),
    ],
    tolerance: 1e-4,
  }),
  ...curvatureFamilies,
];
