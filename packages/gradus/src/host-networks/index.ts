export type { HostNetwork, HostRegression, HostStep, RegressionRows } from "./contract.ts";
export * from "./diagonal-linear-network.ts";
export * from "./norms.ts";
export * from "./population-error.ts";
export * from "./stochastic-gradient-descent.ts";
export * from "./two-layer-relu.ts";
