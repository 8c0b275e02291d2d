import type { Case, Contender } from "./cases.ts";
import { equalitySizes } from "./equality-sizes.ts";

const onHost = (program: string, label: string): Contender => ({ peer: "gradus-host", program, label });
const inScipy = (program: string, label: string): Contender => ({ peer: "scipy", program, label });

const { tolerance, orders, residual, designs } = equalitySizes;
/** Sums of objective values at a KKT residual of 1e-8. */
const SOLVED = 1e-6;

const minimizations = (name: string, title: string, unit: string, ahead: number): Case => ({
  id: `equality-${name}`,
  title: `${title}, to a KKT residual of ${tolerance.toExponential()}`,
  unit,
  contenders: [
    onHost(`equality-${name}-exact`, "gradus"),
    ...(name === "small" ? [] : [onHost(`equality-${name}-rows`, "gradus, equilibrated row sketches")]),
    inScipy(`equality-${name}-trust-constr`, "scipy, trust-constr"),
    inScipy(`equality-${name}-SLSQP`, "scipy, SLSQP"),
  ],
  budgets: [{ against: "scipy, trust-constr", atMost: ahead }],
  tolerance: SOLVED,
});

/** Minimization under equality constraints beside scipy's, all with exact derivatives, and its linear systems. */
export const equalityCases: readonly Case[] = [
  minimizations(
    "small",
    "The 21 small problems with equality constraints, from their starts",
    "all 21",
    1 / 5,
  ),
  minimizations(
    "mushrooms",
    "Logistic regression on ten planes and the unit sphere, mushrooms (8,124 x 112)",
    "solution",
    2 / 3,
  ),
  minimizations(
    "splice",
    "Logistic regression on ten planes and the unit sphere, splice (1,000 x 60)",
    "solution",
    2 / 3,
  ),
  ...designs.map(([rows, columns]) =>
    minimizations(
      `${rows}-${columns}`,
      `Logistic regression on ten planes and the unit sphere, drawn (${rows.toLocaleString("en")} x ${columns})`,
      "solution",
      2 / 3,
    ),
  ),
  ...orders.map((order) => ({
    id: `equality-system-${order}`,
    title: `Newton system of order ${order}, to a relative residual of ${residual.toExponential()} (gradus: row sketches)`,
    unit: "solution",
    contenders: [
      onHost(`equality-system-${order}-rows`, "gradus"),
      onHost(`equality-system-${order}-gmres-2`, "gradus, GMRES(2)"),
      onHost(`equality-system-${order}-gmres`, "gradus, GMRES"),
      onHost(`equality-system-${order}-minres`, "gradus, MINRES"),
      onHost(`equality-system-${order}-lu`, "gradus, LU"),
      inScipy(`equality-system-${order}-gmres-2`, "scipy, GMRES(2)"),
      inScipy(`equality-system-${order}-gmres`, "scipy, GMRES"),
      inScipy(`equality-system-${order}-minres`, "scipy, MINRES"),
      inScipy(`equality-system-${order}-solve`, "numpy, solve"),
      inScipy(`equality-system-${order}-symmetric`, "scipy, symmetric solve"),
    ],
    budgets: [],
    tolerance: 1e-4,
  })),
];
