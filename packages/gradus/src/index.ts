export { parseCheckpoint, serializeCheckpoint } from "./checkpoint.ts";
export * from "./errors.ts";
export * from "./iterate.ts";
export * from "./random/stream.ts";
