export type { KernelActivation } from "./activation.ts";
export { leakyReluDual } from "./closed-form-duals.ts";
export * from "./dense-kernel.ts";
export type { DualActivation, DualPairs } from "./dual-activation.ts";
export { type PlainActivation, quadratureDual } from "./quadrature-dual.ts";
export type { Rows } from "./rows.ts";
export { tracedDual } from "./traced-dual.ts";
