export type { Sweeps } from "../sweeps.ts";
export type { CompressedRows } from "./compressed-rows.ts";
export { SparseColumns, sparseColumns } from "./sparse-columns.ts";
export { SparseRows, sparseRows } from "./sparse-rows.ts";
