import type { CurvatureKind, ModelCurvature, SpectrumReport } from "gradus/curvature";

/** A trained model's curvature on its data, and what it is called, such as `model.ts`. */
export interface SpectrumSource {
  readonly name: string;
  readonly model: ModelCurvature;
}

/** What `--json` writes. */
export interface SpectrumSummary extends SpectrumReport {
  readonly format: 2;
  readonly source: string;
  readonly seconds: number;
}

/** Names of the matrices in words. */
export const matrixNames: Readonly<Record<CurvatureKind, string>> = {
  hessian: "Hessian",
  "gauss-newton": "Gauss-Newton matrix",
  "empirical-fisher": "empirical Fisher matrix",
};
