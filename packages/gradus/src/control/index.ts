export { type CartPole, type CartPoleOptions, cartPole } from "./cart-pole.ts";
export { type DaggerOptions, daggerProblem } from "./dagger.ts";
export { type DiscreteLqr, type DiscreteLqrProblem, discreteLqr } from "./discrete-lqr.ts";
export type { Environment } from "./environment.ts";
export { linearPolicy, type Policy, tracedPolicy } from "./policy.ts";
