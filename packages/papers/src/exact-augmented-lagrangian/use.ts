import { minimizeEquality, poissonControl } from "gradus/optimize";

// Your own problem has value, gradient, constraints, jacobian and hessianLagrangian.
const problem = poissonControl(4);
const x0 = new Float64Array(problem.dimension);

const result = await minimizeEquality(problem, x0, { sketch: "kaczmarz" });
const { value, kkt, iterations, status } = result;
console.log(`f = ${value}, KKT residual ${kkt}, ${status} after ${iterations} iterations`);
