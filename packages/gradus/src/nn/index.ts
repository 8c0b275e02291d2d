export * from "./batch-normalization.ts";
export * from "./dense.ts";
export * from "./initializers.ts";
export * from "./losses.ts";
