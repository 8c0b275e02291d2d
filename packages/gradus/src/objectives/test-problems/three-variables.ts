import { type LeastSquaresTestProblem, testProblem } from "./contract.ts";

/** Problem 7. Fletcher & Powell 1963: a helical valley. */
export function helicalValley(): LeastSquaresTestProblem {
  return testProblem({
    name: "Helical valley",
    start: [-1, 0, 0],
    count: 3,
    minimum: 0,
    evaluate([x1, x2, x3], u, J) {
      const theta = Math.atan(x2 / x1) / (2 * Math.PI) + (x1 < 0 ? 0.5 : 0);
      const square = x1 * x1 + x2 * x2;
      const r = Math.sqrt(square);
      u[0] = 10 * (x3 - 10 * theta);
      u[1] = 10 * (r - 1);
      u[2] = x3;
      const turn = 100 / (2 * Math.PI * square);
      J?.set([turn * x2, -turn * x1, 10, (10 * x1) / r, (10 * x2) / r, 0, 0, 0, 1]);
    },
  });
}

/** Problem 8. Bard 1970; 17.4286 is the value where two variables go to infinity. */
export function bard(): LeastSquaresTestProblem {
  const y = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39];
  return testProblem({
    name: "Bard",
    start: [1, 1, 1],
    count: 15,
    minimum: 8.214877306578992e-3,
    otherMinima: [17.4286],
    evaluate([x1, x2, x3], u, J) {
      for (let i = 1; i <= 15; i++) {
        const [v, w] = [16 - i, Math.min(i, 16 - i)];
        const below = v * x2 + w * x3;
        u[i - 1] = y[i - 1] - (x1 + i / below);
        J?.set([-1, (i * v) / below ** 2, (i * w) / below ** 2], 3 * (i - 1));
      }
    },
  });
}

/** Problem 9. Gaussian. */
export function gaussianFit(): LeastSquaresTestProblem {
  const half = [0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521];
  const y = [...half, 0.3989, ...half.toReversed()];
  return testProblem({
    name: "Gaussian",
    start: [0.4, 1, 0],
    count: 15,
    minimum: 1.12793276961871e-8,
    evaluate([x1, x2, x3], u, J) {
      for (let i = 1; i <= 15; i++) {
        const t = (8 - i) / 2 - x3;
        const bell = Math.exp((-x2 * t * t) / 2);
        u[i - 1] = x1 * bell - y[i - 1];
        J?.set([bell, (-x1 * bell * t * t) / 2, x1 * bell * x2 * t], 3 * (i - 1));
      }
    },
  });
}

/** Problem 10. Meyer 1970: thermistor resistance, a nearly singular fit. */
export function meyer(): LeastSquaresTestProblem {
  const y = [
    34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872,
  ];
  return testProblem({
    name: "Meyer",
    start: [0.02, 4000, 250],
    count: 16,
    minimum: 87.94585517018,
    evaluate([x1, x2, x3], u, J) {
      for (let i = 1; i <= 16; i++) {
        const below = 45 + 5 * i + x3;
        const power = Math.exp(x2 / below);
        u[i - 1] = x1 * power - y[i - 1];
        J?.set([power, (x1 * power) / below, (-x1 * power * x2) / below ** 2], 3 * (i - 1));
      }
    },
  });
}

/** Problem 11. Gulf research and development (Cox 1969), m = 99. */
export function gulfResearch(): LeastSquaresTestProblem {
  const count = 99;
  return testProblem({
    name: "Gulf research and development",
    start: [5, 2.5, 0.15],
    count,
    minimum: 0,
    otherMinima: [0.038],
    evaluate([x1, x2, x3], u, J) {
      for (let i = 1; i <= count; i++) {
        const t = i / 100;
        const difference = 25 + (-50 * Math.log(t)) ** (2 / 3) - x2;
        const size = Math.abs(difference);
        const power = size ** x3;
        const decay = Math.exp(-power / x1);
        u[i - 1] = decay - t;
        J?.set(
          [
            (decay * power) / (x1 * x1),
            (decay * x3 * power) / (x1 * difference),
            (-decay * power * Math.log(size)) / x1,
          ],
          3 * (i - 1),
        );
      }
    },
  });
}

/** Problem 12. Box 1966, m = 10; f = 0 also on a line of other points. */
export function boxThree(): LeastSquaresTestProblem {
  return testProblem({
    name: "Box three-dimensional",
    start: [0, 10, 20],
    count: 10,
    minimum: 0,
    otherMinima: [0.0755887],
    evaluate([x1, x2, x3], u, J) {
      for (let i = 1; i <= 10; i++) {
        const t = i / 10;
        const known = Math.exp(-t) - Math.exp(-10 * t);
        u[i - 1] = Math.exp(-t * x1) - Math.exp(-t * x2) - x3 * known;
        J?.set([-t * Math.exp(-t * x1), t * Math.exp(-t * x2), -known], 3 * (i - 1));
      }
    },
  });
}
