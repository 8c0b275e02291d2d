import { type LeastSquaresTestProblem, testProblem } from "./contract.ts";

/** Problem 1. Rosenbrock 1960: a curved valley. */
export function rosenbrockProblem(): LeastSquaresTestProblem {
  return testProblem({
    name: "Rosenbrock",
    start: [-1.2, 1],
    count: 2,
    minimum: 0,
    evaluate(x, u, J) {
      u[0] = 10 * (x[1] - x[0] * x[0]);
      u[1] = 1 - x[0];
      J?.set([-20 * x[0], 10, -1, 0]);
    },
  });
}

/** Problem 2. Freudenstein & Roth 1963: with a local minimum. */
export function freudensteinRoth(): LeastSquaresTestProblem {
  return testProblem({
    name: "Freudenstein and Roth",
    start: [0.5, -2],
    count: 2,
    minimum: 0,
    otherMinima: [48.98425367924],
    evaluate([x1, x2], u, J) {
      u[0] = -13 + x1 + ((5 - x2) * x2 - 2) * x2;
      u[1] = -29 + x1 + ((x2 + 1) * x2 - 14) * x2;
      J?.set([1, 10 * x2 - 3 * x2 * x2 - 2, 1, 3 * x2 * x2 + 2 * x2 - 14]);
    },
  });
}

/** Problem 3. Powell 1970: badly scaled, with the minimum at (1.098e-5, 9.106). */
export function powellBadlyScaled(): LeastSquaresTestProblem {
  return testProblem({
    name: "Powell badly scaled",
    start: [0, 1],
    count: 2,
    minimum: 0,
    evaluate([x1, x2], u, J) {
      u[0] = 1e4 * x1 * x2 - 1;
      u[1] = Math.exp(-x1) + Math.exp(-x2) - 1.0001;
      J?.set([1e4 * x2, 1e4 * x1, -Math.exp(-x1), -Math.exp(-x2)]);
    },
  });
}

/** Problem 4. Brown: badly scaled, with the minimum at (1e6, 2e-6). */
export function brownBadlyScaled(): LeastSquaresTestProblem {
  return testProblem({
    name: "Brown badly scaled",
    start: [1, 1],
    count: 3,
    minimum: 0,
    evaluate([x1, x2], u, J) {
      u[0] = x1 - 1e6;
      u[1] = x2 - 2e-6;
      u[2] = x1 * x2 - 2;
      J?.set([1, 0, 0, 1, x2, x1]);
    },
  });
}

/** Problem 5. Beale 1958. */
export function beale(): LeastSquaresTestProblem {
  const y = [1.5, 2.25, 2.625];
  return testProblem({
    name: "Beale",
    start: [1, 1],
    count: 3,
    minimum: 0,
    evaluate([x1, x2], u, J) {
      for (let i = 1; i <= 3; i++) {
        u[i - 1] = y[i - 1] - x1 * (1 - x2 ** i);
        J?.set([x2 ** i - 1, i * x1 * x2 ** (i - 1)], 2 * (i - 1));
      }
    },
  });
}

/** Problem 6. Jennrich & Sampson 1968, m = 10. */
export function jennrichSampson(): LeastSquaresTestProblem {
  return testProblem({
    name: "Jennrich and Sampson",
    start: [0.3, 0.4],
    count: 10,
    minimum: 124.3621823556148,
    evaluate([x1, x2], u, J) {
      for (let i = 1; i <= 10; i++) {
        u[i - 1] = 2 + 2 * i - (Math.exp(i * x1) + Math.exp(i * x2));
        J?.set([-i * Math.exp(i * x1), -i * Math.exp(i * x2)], 2 * (i - 1));
      }
    },
  });
}
