export * from "./alignment.ts";
export { batchNoiseShare, type SgdSampling } from "./batch-noise.ts";
export type { Jacobian } from "./jacobian.ts";
export * from "./moment-recursion.ts";
export * from "./norm-bounds.ts";
export { gramOfBlocks } from "./row-gram.ts";
export * from "./sharpness.ts";
export * from "./threshold.ts";
