export { type CompressedRows, SparseRows, sparseRows } from "./sparse-rows.ts";
