export * from "./batch-extremes.ts";
export * from "./batch-rows.ts";
export * from "./effective-batch-size.ts";
export * from "./hessian-variance.ts";
export * from "./learning-rates.ts";
export * from "./max-stable-rate.ts";
export * from "./spiked-models.ts";
