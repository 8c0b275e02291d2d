export type { ConjugateStart, ConjugateVectors, WeightedSystem } from "../conjugate-vectors.ts";
export type { MeasuredPass } from "../rows/measured-pass.ts";
export type { Sweeps } from "../sweeps.ts";
export type { CompressedRows } from "./compressed-rows.ts";
export { SparseColumns, sparseColumns } from "./sparse-columns.ts";
export { SparseRows, sparseRows } from "./sparse-rows.ts";
