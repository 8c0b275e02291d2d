export { categoricalSampler } from "./categorical.ts";
export { type RandomState, type RandomStream, randomStream, randomStreamFrom } from "./stream.ts";

// Shared types

export type { VariateSource } from "./distributions.ts";
export type { OrthogonalMatrix } from "./orthogonal.ts";
