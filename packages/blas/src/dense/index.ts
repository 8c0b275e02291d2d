export { type GemmArguments, gemm } from "./gemm.ts";
