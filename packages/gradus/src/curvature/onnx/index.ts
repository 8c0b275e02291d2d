export {
  type CurvatureExport,
  type CurvatureMatrix,
  exportCurvature,
} from "./export-curvature.ts";
export * from "./load-curvature.ts";
