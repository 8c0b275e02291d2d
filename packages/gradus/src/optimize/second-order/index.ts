export type { Acceptance } from "./acceptance.ts";
export { type CubicNewtonOptions, cubicNewton } from "./cubic-newton.ts";
export * from "./estimate-gamma.ts";
export { type GnsGradientOptions, gnsGradient } from "./gns-gradient.ts";
export { type GammaOptions, type GnsNewtonOptions, gnsNewton } from "./gns-newton.ts";
export type { HessianChoice } from "./hessian-source.ts";
export * from "./presets.ts";
export { type SuperUniversalNewtonOptions, superUniversalNewton } from "./super-universal-newton.ts";
