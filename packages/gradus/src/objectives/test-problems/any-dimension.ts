import { checkTestDimension, type LeastSquaresTestProblem, testProblem } from "./contract.ts";

const filled = (n: number, value: (j: number) => number) =>
  Float64Array.from({ length: n }, (_, j) => value(j));

/** Problem 20. Watson (Kowalik & Osborne 1968), 2 <= n <= 31; increasingly ill-conditioned. */
export function watson(n = 6): LeastSquaresTestProblem {
  checkTestDimension(n, 2);
  const minima: Readonly<Record<number, number>> = {
    6: 2.28767005355e-3,
    9: 1.399760138e-6,
    12: 4.72238e-10,
  };
  return testProblem({
    name: "Watson",
    start: new Float64Array(n),
    count: 31,
    minimum: minima[n] ?? Number.NaN,
    evaluate(x, u, J) {
      for (let i = 1; i <= 29; i++) {
        const t = i / 29;
        let slope = 0;
        let value = 0;
        for (let j = 0; j < n; j++) {
          if (j > 0) slope += j * x[j] * t ** (j - 1);
          value += x[j] * t ** j;
        }
        u[i - 1] = slope - value * value - 1;
        if (J)
          for (let j = 0; j < n; j++)
            J[(i - 1) * n + j] = (j > 0 ? j * t ** (j - 1) : 0) - 2 * value * t ** j;
      }
      u[29] = x[0];
      u[30] = x[1] - x[0] * x[0] - 1;
      J?.set([1], 29 * n);
      J?.set([-2 * x[0], 1], 30 * n);
    },
  });
}

/** Problem 21. Rosenbrock's valleys, one per pair of variables. */
export function extendedRosenbrock(n = 10): LeastSquaresTestProblem {
  checkTestDimension(n, 2, 2);
  return testProblem({
    name: "Extended Rosenbrock",
    start: filled(n, (j) => (j % 2 === 0 ? -1.2 : 1)),
    count: n,
    minimum: 0,
    evaluate(x, u, J) {
      for (let j = 0; j < n; j += 2) {
        u[j] = 10 * (x[j + 1] - x[j] * x[j]);
        u[j + 1] = 1 - x[j];
        J?.set([-20 * x[j], 10], j * n + j);
        J?.set([-1], (j + 1) * n + j);
      }
    },
  });
}

/** Problems 13 and 22. Powell 1962: the Hessian is singular at the minimum, 0; four variables per block. */
export function powellSingular(n = 4): LeastSquaresTestProblem {
  checkTestDimension(n, 4, 4);
  const [r5, r10] = [Math.sqrt(5), Math.sqrt(10)];
  return testProblem({
    name: n === 4 ? "Powell singular" : "Extended Powell singular",
    start: filled(n, (j) => [3, -1, 0, 1][j % 4]),
    count: n,
    minimum: 0,
    evaluate(x, u, J) {
      for (let j = 0; j < n; j += 4) {
        const [x1, x2, x3, x4] = x.subarray(j, j + 4);
        u[j] = x1 + 10 * x2;
        u[j + 1] = r5 * (x3 - x4);
        u[j + 2] = (x2 - 2 * x3) ** 2;
        u[j + 3] = r10 * (x1 - x4) ** 2;
        J?.set([1, 10], j * n + j);
        J?.set([r5, -r5], (j + 1) * n + j + 2);
        J?.set([2 * (x2 - 2 * x3), -4 * (x2 - 2 * x3)], (j + 2) * n + j + 1);
        J?.set([2 * r10 * (x1 - x4), 0, 0, -2 * r10 * (x1 - x4)], (j + 3) * n + j);
      }
    },
  });
}

/** Problem 23. Gill, Murray & Pitfield 1972. */
export function penaltyOne(n = 4): LeastSquaresTestProblem {
  checkTestDimension(n, 1);
  const root = Math.sqrt(1e-5);
  const minima: Readonly<Record<number, number>> = { 4: 2.24997750088e-5, 10: 7.08765147091e-5 };
  return testProblem({
    name: "Penalty I",
    start: filled(n, (j) => j + 1),
    count: n + 1,
    minimum: minima[n] ?? Number.NaN,
    evaluate(x, u, J) {
      u[n] = -0.25;
      for (let j = 0; j < n; j++) {
        u[j] = root * (x[j] - 1);
        u[n] += x[j] * x[j];
        if (J) {
          J[j * n + j] = root;
          J[n * n + j] = 2 * x[j];
        }
      }
    },
  });
}

/** Problem 24. Gill, Murray & Pitfield 1972. */
export function penaltyTwo(n = 4): LeastSquaresTestProblem {
  checkTestDimension(n, 2);
  const root = Math.sqrt(1e-5);
  const minima: Readonly<Record<number, number>> = { 4: 9.37629273e-6, 10: 2.93660537e-4 };
  return testProblem({
    name: "Penalty II",
    start: new Float64Array(n).fill(0.5),
    count: 2 * n,
    minimum: minima[n] ?? Number.NaN,
    evaluate(x, u, J) {
      u[0] = x[0] - 0.2;
      u[2 * n - 1] = -1;
      J?.set([1]);
      for (let i = 1; i < n; i++) {
        const y = Math.exp((i + 1) / 10) + Math.exp(i / 10);
        const [here, before] = [Math.exp(x[i] / 10), Math.exp(x[i - 1] / 10)];
        u[i] = root * (here + before - y);
        u[n + i - 1] = root * (here - Math.exp(-0.1));
        J?.set([(root * before) / 10, (root * here) / 10], i * n + i - 1);
        J?.set([(root * here) / 10], (n + i - 1) * n + i);
      }
      for (let j = 0; j < n; j++) {
        u[2 * n - 1] += (n - j) * x[j] * x[j];
        J?.set([2 * (n - j) * x[j]], (2 * n - 1) * n + j);
      }
    },
  });
}

/** Problem 25. */
export function variablyDimensioned(n = 10): LeastSquaresTestProblem {
  checkTestDimension(n, 1);
  return testProblem({
    name: "Variably dimensioned",
    start: filled(n, (j) => 1 - (j + 1) / n),
    count: n + 2,
    minimum: 0,
    evaluate(x, u, J) {
      let sum = 0;
      for (let j = 0; j < n; j++) {
        u[j] = x[j] - 1;
        sum += (j + 1) * u[j];
        if (J) J[j * n + j] = 1;
      }
      u[n] = sum;
      u[n + 1] = sum * sum;
      if (J)
        for (let j = 0; j < n; j++) {
          J[n * n + j] = j + 1;
          J[(n + 1) * n + j] = 2 * sum * (j + 1);
        }
    },
  });
}

/** Problem 26. Spedicato 1975; with local minima. */
export function trigonometric(n = 10): LeastSquaresTestProblem {
  checkTestDimension(n, 1);
  return testProblem({
    name: "Trigonometric",
    start: new Float64Array(n).fill(1 / n),
    count: n,
    minimum: 0,
    otherMinima: n === 10 ? [2.79506122e-5] : [],
    evaluate(x, u, J) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += Math.cos(x[j]);
      for (let i = 0; i < n; i++) {
        u[i] = n - sum + (i + 1) * (1 - Math.cos(x[i])) - Math.sin(x[i]);
        if (!J) continue;
        for (let j = 0; j < n; j++) J[i * n + j] = Math.sin(x[j]);
        J[i * n + i] += (i + 1) * Math.sin(x[i]) - Math.cos(x[i]);
      }
    },
  });
}

/** Problem 27. Brown 1969: one equation is not linear. */
export function brownAlmostLinear(n = 10): LeastSquaresTestProblem {
  checkTestDimension(n, 2);
  return testProblem({
    name: "Brown almost-linear",
    start: new Float64Array(n).fill(0.5),
    count: n,
    minimum: 0,
    otherMinima: [1],
    evaluate(x, u, J) {
      const sum = x.reduce((total, xj) => total + xj, 0);
      for (let i = 0; i < n - 1; i++) {
        u[i] = x[i] + sum - (n + 1);
        if (J) for (let j = 0; j < n; j++) J[i * n + j] = i === j ? 2 : 1;
      }
      u[n - 1] = x.reduce((product, xj) => product * xj, 1) - 1;
      if (J)
        for (let j = 0; j < n; j++)
          J[(n - 1) * n + j] = x.reduce((product, xk, k) => (k === j ? product : product * xk), 1);
    },
  });
}

/** Problem 28. More & Cosnard 1979: a boundary value problem by differences. */
export function discreteBoundaryValue(n = 10): LeastSquaresTestProblem {
  checkTestDimension(n, 1);
  const h = 1 / (n + 1);
  return testProblem({
    name: "Discrete boundary value",
    start: filled(n, (j) => (j + 1) * h * ((j + 1) * h - 1)),
    count: n,
    minimum: 0,
    evaluate(x, u, J) {
      for (let i = 0; i < n; i++) {
        const shifted = x[i] + (i + 1) * h + 1;
        u[i] = 2 * x[i] - (x[i - 1] ?? 0) - (x[i + 1] ?? 0) + (h * h * shifted ** 3) / 2;
        if (!J) continue;
        J[i * n + i] = 2 + (3 * h * h * shifted ** 2) / 2;
        if (i > 0) J[i * n + i - 1] = -1;
        if (i < n - 1) J[i * n + i + 1] = -1;
      }
    },
  });
}

/** Problem 29. More & Cosnard 1979: the same by an integral equation. */
export function discreteIntegralEquation(n = 10): LeastSquaresTestProblem {
  checkTestDimension(n, 1);
  const h = 1 / (n + 1);
  return testProblem({
    name: "Discrete integral equation",
    start: filled(n, (j) => (j + 1) * h * ((j + 1) * h - 1)),
    count: n,
    minimum: 0,
    evaluate(x, u, J) {
      for (let i = 0; i < n; i++) {
        const t = (i + 1) * h;
        u[i] = x[i];
        if (J) J[i * n + i] = 1;
        for (let j = 0; j < n; j++) {
          const s = (j + 1) * h;
          const weight = (h / 2) * (j <= i ? (1 - t) * s : t * (1 - s));
          u[i] += weight * (x[j] + s + 1) ** 3;
          if (J) J[i * n + j] += 3 * weight * (x[j] + s + 1) ** 2;
        }
      }
    },
  });
}

/** Problem 30. Broyden 1965. */
export function broydenTridiagonal(n = 10): LeastSquaresTestProblem {
  checkTestDimension(n, 1);
  return testProblem({
    name: "Broyden tridiagonal",
    start: new Float64Array(n).fill(-1),
    count: n,
    minimum: 0,
    evaluate(x, u, J) {
      for (let i = 0; i < n; i++) {
        u[i] = (3 - 2 * x[i]) * x[i] - (x[i - 1] ?? 0) - 2 * (x[i + 1] ?? 0) + 1;
        if (!J) continue;
        J[i * n + i] = 3 - 4 * x[i];
        if (i > 0) J[i * n + i - 1] = -1;
        if (i < n - 1) J[i * n + i + 1] = -2;
      }
    },
  });
}

/** Problem 31. Broyden 1971. */
export function broydenBanded(n = 10): LeastSquaresTestProblem {
  checkTestDimension(n, 1);
  return testProblem({
    name: "Broyden banded",
    start: new Float64Array(n).fill(-1),
    count: n,
    minimum: 0,
    evaluate(x, u, J) {
      for (let i = 0; i < n; i++) {
        u[i] = x[i] * (2 + 5 * x[i] * x[i]) + 1;
        if (J) J[i * n + i] = 2 + 15 * x[i] * x[i];
        for (let j = Math.max(0, i - 5); j <= Math.min(n - 1, i + 1); j++) {
          if (j === i) continue;
          u[i] -= x[j] * (1 + x[j]);
          if (J) J[i * n + j] = -(1 + 2 * x[j]);
        }
      }
    },
  });
}

/** Problem 32. Linear, of full rank. */
export function linearFullRank(n = 10, count = 20): LeastSquaresTestProblem {
  checkTestDimension(n, 1);
  return testProblem({
    name: "Linear, full rank",
    start: new Float64Array(n).fill(1),
    count,
    minimum: count - n,
    evaluate(x, u, J) {
      const sum = x.reduce((total, xj) => total + xj, 0);
      for (let i = 0; i < count; i++) {
        u[i] = (i < n ? x[i] : 0) - (2 / count) * sum - 1;
        if (J) for (let j = 0; j < n; j++) J[i * n + j] = (i === j ? 1 : 0) - 2 / count;
      }
    },
  });
}

/** Problem 33. Linear, of rank 1. */
export function linearRankOne(n = 10, count = 20): LeastSquaresTestProblem {
  checkTestDimension(n, 1);
  return testProblem({
    name: "Linear, rank 1",
    start: new Float64Array(n).fill(1),
    count,
    minimum: (count * (count - 1)) / (2 * (2 * count + 1)),
    evaluate(x, u, J) {
      const sum = x.reduce((total, xj, j) => total + (j + 1) * xj, 0);
      for (let i = 0; i < count; i++) {
        u[i] = (i + 1) * sum - 1;
        if (J) for (let j = 0; j < n; j++) J[i * n + j] = (i + 1) * (j + 1);
      }
    },
  });
}

/** Problem 34. Linear, of rank 1, with columns and rows of zeros. */
export function linearRankOneZeros(n = 10, count = 20): LeastSquaresTestProblem {
  checkTestDimension(n, 3);
  return testProblem({
    name: "Linear, rank 1 with zero columns and rows",
    start: new Float64Array(n).fill(1),
    count,
    minimum: (count * count + 3 * count - 6) / (2 * (2 * count - 3)),
    evaluate(x, u, J) {
      let sum = 0;
      for (let j = 1; j < n - 1; j++) sum += (j + 1) * x[j];
      u.fill(-1);
      for (let i = 1; i < count - 1; i++) {
        u[i] = i * sum - 1;
        if (J) for (let j = 1; j < n - 1; j++) J[i * n + j] = i * (j + 1);
      }
    },
  });
}

/** Problem 35. Fletcher 1965: nodes of Chebyshev quadrature; f = 0 for n <= 7 and n = 9. */
export function chebyquad(n = 8): LeastSquaresTestProblem {
  checkTestDimension(n, 1);
  const minima: Readonly<Record<number, number>> = { 8: 3.51687372568e-3, 10: 6.50395479e-3 };
  return testProblem({
    name: "Chebyquad",
    start: filled(n, (j) => (j + 1) / (n + 1)),
    count: n,
    minimum: minima[n] ?? (n <= 7 || n === 9 ? 0 : Number.NaN),
    otherMinima: n === 10 ? [4.7727137e-3] : [],
    evaluate(x, u, J) {
      for (let i = 1; i <= n; i++) u[i - 1] = i % 2 === 0 ? 1 / (i * i - 1) : 0;
      for (let j = 0; j < n; j++) {
        const y = 2 * x[j] - 1;
        let [before, here] = [1, y];
        let [slopeBefore, slope] = [0, 2];
        for (let i = 0; i < n; i++) {
          u[i] += here / n;
          if (J) J[i * n + j] = slope / n;
          [before, here, slopeBefore, slope] = [
            here,
            2 * y * here - before,
            slope,
            4 * here + 2 * y * slope - slopeBefore,
          ];
        }
      }
    },
  });
}
