import type { Case, Contender } from "../cases.ts";
import { sizes } from "../sizes.ts";

/** One problem at several sizes, and those who solve it. */
export interface Family {
  readonly id: string;
  /** The paper whose method gradus runs. */
  readonly paper: string;
  readonly title: string;
  /** What the size counts. */
  readonly size: string;
  readonly cases: readonly { readonly size: number; readonly case: Case }[];
}

type Entrant = Pick<Contender, "peer" | "label"> & { readonly suffix: string };

interface Outline extends Omit<Family, "cases"> {
  /** Program names are this, the parameter and the entrant's suffix. */
  readonly program: string;
  readonly parameters: readonly number[];
  /** The size at a parameter; the parameter itself where not given. */
  readonly sizeAt?: (parameter: number) => number;
  readonly entrants: readonly Entrant[];
  readonly tolerance: number;
}

const gradus = (label: string, suffix: string): Entrant => ({ peer: "gradus-host", label, suffix });
const python = (label: string, suffix: string): Entrant => ({ peer: "scipy", label, suffix });

function family({ program, parameters, sizeAt = (p) => p, entrants, tolerance, ...about }: Outline): Family {
  return {
    ...about,
    cases: parameters.map((parameter) => ({
      size: sizeAt(parameter),
      case: {
        id: `${about.id}-${parameter}`,
        title: `${about.title}, ${about.size} ${sizeAt(parameter).toLocaleString("en")}`,
        unit: "solution",
        contenders: entrants.map(({ suffix, ...who }) => ({
          ...who,
          program: `${program}-${parameter}-${suffix}`,
        })),
        budgets: [],
        tolerance,
      },
    })),
  };
}

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
];
