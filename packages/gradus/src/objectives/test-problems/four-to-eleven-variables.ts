import { type LeastSquaresTestProblem, testProblem } from "./contract.ts";

/** Problem 14. Wood (Colville 1968). */
export function wood(): LeastSquaresTestProblem {
  const [r90, r10] = [Math.sqrt(90), Math.sqrt(10)];
  return testProblem({
    name: "Wood",
    start: [-3, -1, -3, -1],
    count: 6,
    minimum: 0,
    otherMinima: [7.8769659],
    evaluate([x1, x2, x3, x4], u, J) {
      u.set([
        10 * (x2 - x1 * x1),
        1 - x1,
        r90 * (x4 - x3 * x3),
        1 - x3,
        r10 * (x2 + x4 - 2),
        (x2 - x4) / r10,
      ]);
      J?.set([-20 * x1, 10, 0, 0]);
      J?.set([-1, 0, 0, 0], 4);
      J?.set([0, 0, -2 * r90 * x3, r90], 8);
      J?.set([0, 0, -1, 0], 12);
      J?.set([0, r10, 0, r10], 16);
      J?.set([0, 1 / r10, 0, -1 / r10], 20);
    },
  });
}

/** Problem 15. Kowalik & Osborne 1968; 1.02734e-3 is the value where three variables go to infinity. */
export function kowalikOsborne(): LeastSquaresTestProblem {
  const y = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];
  const times = [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
  return testProblem({
    name: "Kowalik and Osborne",
    start: [0.25, 0.39, 0.415, 0.39],
    count: 11,
    minimum: 3.0750560385e-4,
    otherMinima: [1.02734e-3],
    evaluate([x1, x2, x3, x4], u, J) {
      for (const [i, t] of times.entries()) {
        const above = t * t + t * x2;
        const below = t * t + t * x3 + x4;
        const ratio = above / below;
        u[i] = y[i] - x1 * ratio;
        J?.set([-ratio, (-x1 * t) / below, (x1 * ratio * t) / below, (x1 * ratio) / below], 4 * i);
      }
    },
  });
}

/** Problem 16. Brown & Dennis 1971, m = 20. */
export function brownDennis(): LeastSquaresTestProblem {
  return testProblem({
    name: "Brown and Dennis",
    start: [25, 5, -5, -1],
    count: 20,
    minimum: 85822.2016263563,
    evaluate([x1, x2, x3, x4], u, J) {
      for (let i = 1; i <= 20; i++) {
        const t = i / 5;
        const one = x1 + t * x2 - Math.exp(t);
        const other = x3 + x4 * Math.sin(t) - Math.cos(t);
        u[i - 1] = one * one + other * other;
        J?.set([2 * one, 2 * one * t, 2 * other, 2 * other * Math.sin(t)], 4 * (i - 1));
      }
    },
  });
}

const osborneFirst = [
  0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628,
  0.603, 0.58, 0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414,
  0.411, 0.406,
];

/** Problem 17. Osborne 1972, two exponentials. */
export function osborneExponentials(): LeastSquaresTestProblem {
  return testProblem({
    name: "Osborne 1",
    start: [0.5, 1.5, -1, 0.01, 0.02],
    count: 33,
    minimum: 5.46489469748e-5,
    evaluate([x1, x2, x3, x4, x5], u, J) {
      for (let i = 0; i < 33; i++) {
        const t = 10 * i;
        const [a, b] = [Math.exp(-t * x4), Math.exp(-t * x5)];
        u[i] = osborneFirst[i] - (x1 + x2 * a + x3 * b);
        J?.set([-1, -a, -b, t * x2 * a, t * x3 * b], 5 * i);
      }
    },
  });
}

/** Problem 18. Biggs 1971, six parameters of exponentials, m = 13. */
export function biggsExponentials(): LeastSquaresTestProblem {
  return testProblem({
    name: "Biggs EXP6",
    start: [1, 2, 1, 1, 1, 1],
    count: 13,
    minimum: 0,
    otherMinima: [5.65564992e-3, 0.306366],
    evaluate([x1, x2, x3, x4, x5, x6], u, J) {
      for (let i = 1; i <= 13; i++) {
        const t = i / 10;
        const y = Math.exp(-t) - 5 * Math.exp(-10 * t) + 3 * Math.exp(-4 * t);
        const [a, b, c] = [Math.exp(-t * x1), Math.exp(-t * x2), Math.exp(-t * x5)];
        u[i - 1] = x3 * a - x4 * b + x6 * c - y;
        J?.set([-t * x3 * a, t * x4 * b, a, -b, -t * x6 * c, c], 6 * (i - 1));
      }
    },
  });
}

const osborneSecond = [
  1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616,
  0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495,
  0.5, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672,
  0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.71, 0.729, 0.72, 0.636, 0.581,
  0.428, 0.292, 0.162, 0.098, 0.054,
];

/** Problem 19. Osborne 1972, an exponential and three bells. */
export function osborneBells(): LeastSquaresTestProblem {
  return testProblem({
    name: "Osborne 2",
    start: [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5],
    count: 65,
    minimum: 4.01377362935e-2,
    evaluate(x, u, J) {
      for (let i = 0; i < 65; i++) {
        const t = i / 10;
        const decay = Math.exp(-t * x[4]);
        let sum = x[0] * decay;
        const row = new Float64Array(11);
        row[0] = -decay;
        row[4] = t * x[0] * decay;
        for (let k = 1; k <= 3; k++) {
          const [height, width, distance] = [x[k], x[4 + k], t - x[7 + k]];
          const bell = Math.exp(-distance * distance * width);
          sum += height * bell;
          row[k] = -bell;
          row[4 + k] = height * bell * distance * distance;
          row[7 + k] = -2 * height * bell * distance * width;
        }
        u[i] = osborneSecond[i] - sum;
        J?.set(row, 11 * i);
      }
    },
  });
}
