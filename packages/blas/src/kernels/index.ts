export type { AnyMatrix } from "../operand.ts";
export { ResidentMatrix, residentMatrix } from "../resident.ts";
export { type DualArguments, dualActivation } from "./dual-activation.ts";
export { gaussianKernel } from "./gaussian-kernel.ts";
export { type NetworkKernelArguments, type NetworkKernelRows, networkKernelRows } from "./network-kernel.ts";
export { type RowProductsArguments, rowProducts, rowSquares } from "./row-products.ts";
export type { Unit } from "./unit.ts";
