import type { CurvatureKind } from "gradus/curvature";

/** The matrices by the names of `--operator`. */
export const operators: Readonly<Record<string, CurvatureKind>> = {
  hessian: "hessian",
  "gauss-newton": "gauss-newton",
  fisher: "empirical-fisher",
};
