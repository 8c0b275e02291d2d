export { cartPole } from "./cart-pole.ts";
export { daggerProblem } from "./dagger.ts";
export { discreteLqr } from "./discrete-lqr.ts";
export type { Environment } from "./environment.ts";
export { linearPolicy, type Policy, tracedPolicy } from "./policy.ts";
