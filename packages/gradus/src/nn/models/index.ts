export * from "./convnet.ts";
export * from "./direction-network.ts";
export * from "./mlp.ts";
export type { RunningStatistics } from "./normalizations.ts";
export * from "./res-net.ts";
export * from "./residual-mlp.ts";
export type { TimeOptions } from "./time-features.ts";
export * from "./u-net.ts";
export * from "./vgg.ts";
