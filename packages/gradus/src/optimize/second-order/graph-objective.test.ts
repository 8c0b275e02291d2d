import { array, matmul, mean, mul, neg, softplus } from "@gradus/graph";
import { expect, test } from "vitest";
import { gaussNewtonOperator } from "../../curvature/operators/gauss-newton.ts";
import { gaussianNumbers, largestDifference } from "../../linalg/test-matrices.ts";
import { logisticCurvature } from "../../losses/output-curvature.ts";
import { objectiveFromGraph } from "../../objectives/from-graph.ts";
import type { HessianModel } from "../../objectives/hessian-model.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import { gradientDescent } from "../first-order/gradient-descent.ts";
import { gradientMethod } from "../first-order/gradient-method.ts";
import { nonlinearConjugateGradient } from "../first-order/nonlinear-conjugate-gradient.ts";
import { minimize } from "../minimize.ts";
import { lbfgs } from "../quasi-newton/lbfgs.ts";
import { lbfgsb } from "../quasi-newton/lbfgsb.ts";
import { cubicNewton } from "./cubic-newton.ts";
import { gnsNewton } from "./gns-newton.ts";
import { newtonCg } from "./newton-cg.ts";
import { trustRegion } from "./trust-region.ts";

const [n, d] = [30, 4];
const A = gaussianNumbers(1, n * d);
const y = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1));
const data = { x: array(A, [n, d]), y: array(y, [n, 1]) };
const parameters = { w: array(new Float64Array(d), [d, 1]) };
const host = logisticRegression({ rows: n, columns: d, values: A }, y);
const traced = () =>
  objectiveFromGraph((p, batch) => mean(softplus(neg(mul(batch.y, matmul(batch.x, p.w))))), parameters, data);

test("a traced loss has the minimum of the same loss in closed form, by its products alone", async () => {
  using objective = await traced();
  const { x: expected } = await minimize(host, new Float64Array(d), {
    method: gnsNewton,
    gradientTolerance: 1e-12,
  });
  for (const method of [gnsNewton, cubicNewton]) {
    const { x, status } = await minimize(objective, new Float64Array(d), {
      method,
      gradientTolerance: 1e-10,
    });
    expect(status).toBe("converged");
    expect(largestDifference(x, expected)).toBeLessThan(1e-8);
  }
  const slow = await minimize(objective, new Float64Array(d), {
    method: gradientMethod,
    gradientTolerance: 1e-6,
  });
  expect(largestDifference(slow.x, expected)).toBeLessThan(1e-4);
});

test("cubicNewton counts its products, and forms the matrix instead of solving by ever more of them", async () => {
  using objective = await traced();
  let calls = 0;
  const counting = {
    ...objective,
    hessianVectorProduct(x: Float64Array, v: Float64Array) {
      calls += 1;
      return objective.hessianVectorProduct(x, v);
    },
  };
  const { products, solves, trace } = await minimize(counting, new Float64Array(d), {
    method: cubicNewton,
    gradientTolerance: 1e-10,
  });
  expect(products).toBe(calls);
  const trials = trace.reduce((sum, { step }) => sum + (step?.trials ?? 0), 0);
  // in each step conjugate gradients, up to one solve more than d products, and the matrix; in each trial its model
  expect(calls).toBeLessThanOrEqual(3 * d * trace.length + trials);
  expect(solves).toBeGreaterThan(2 * trace.length); // by d products each otherwise
});

test("Gauss-Newton products of a linear model are its Hessian: the same iterates", async () => {
  using objective = await traced();
  using curvature = await gaussNewtonOperator({
    model: (p, batch) => matmul(batch.x, p.w),
    curvature: logisticCurvature,
    parameters,
    data,
  });
  const hessian = (x: Float64Array): HessianModel => ({
    kind: "operator",
    operator: curvature.at({ parameters: objective.unpack(x) }),
  });
  const limits = { maxIterations: 6, gradientTolerance: 0 };
  const byGraph = await minimize(objective, new Float64Array(d), { method: gnsNewton, hessian, ...limits });
  // without the preconditioner, which the graph's products do not have
  const { diagonalEstimate: _, ...plain } = host;
  const byHost = await minimize(plain, new Float64Array(d), {
    method: gnsNewton,
    hessian: "products",
    ...limits,
  });
  expect(largestDifference(byGraph.x, byHost.x)).toBeLessThan(1e-10);
  expect(byGraph.solves).toBe(byHost.solves);
});

test.each(
  Object.entries({ gradientDescent, nonlinearConjugateGradient, lbfgs, lbfgsb, newtonCg, trustRegion }),
)("%s minimizes a traced loss as it does the closed form", async (_, method) => {
  using objective = await traced();
  const limits = { gradientTolerance: 1e-7, maxIterations: 3000 };
  const options = { method: method as typeof lbfgs, ...limits };
  const byGraph = await minimize(objective, new Float64Array(d), options);
  const byHost = await minimize(host, new Float64Array(d), options);
  expect(byGraph.status).toBe("converged");
  expect(largestDifference(byGraph.x, byHost.x)).toBeLessThan(1e-5);
  expect(Math.abs(byGraph.iterations - byHost.iterations)).toBeLessThanOrEqual(2);
});
