export { type ArmijoOptions, armijo } from "./armijo.ts";
export * from "./contract.ts";
export {
  type StochasticArmijoIterate,
  type StochasticArmijoOptions,
  type StochasticArmijoState,
  stochasticArmijo,
} from "./stochastic-armijo.ts";
export { type StrongWolfeOptions, strongWolfe } from "./strong-wolfe.ts";
