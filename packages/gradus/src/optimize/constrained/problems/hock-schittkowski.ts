import { type EqualityTestProblem, testProblem } from "./equality-test-problem.ts";
import { linear, logarithm, monomial, powerOf, sine, squaredSine, type Term } from "./terms.ts";

const SOURCE = "Hock & Schittkowski 1981, Test examples for nonlinear programming codes, problem";
const ROOT2 = Math.SQRT2;
const times = (value: number, count: number): number[] => new Array<number>(count).fill(value);

/** (x1 - x2)^2 or (4 x1 - x2)^2, + (x2 + x3 - 2)^2 + (x4 - 1)^2 + (x5 - 1)^2. */
export const fiveSquares = (factor: number): Term[] => [
  powerOf(2, { 1: factor, 2: -1 }),
  powerOf(2, { 2: 1, 3: 1 }, -2),
  powerOf(2, { 4: 1 }, -1),
  powerOf(2, { 5: 1 }, -1),
];

/** (x1 - 1)^2 + (x1 - x2)^2 + (x2 - x3)^2 + (x3 - x4)^4 + (x4 - x5)^4. */
export const chain: readonly Term[] = [
  powerOf(2, { 1: 1 }, -1),
  powerOf(2, { 1: 1, 2: -1 }),
  powerOf(2, { 2: 1, 3: -1 }),
  powerOf(4, { 3: 1, 4: -1 }),
  powerOf(4, { 4: 1, 5: -1 }),
];

const arcsine = (square: number): number => Math.asin(Math.sqrt(square));

/** The problems of Hock and Schittkowski with equality constraints alone. */
export const hockSchittkowski: readonly EqualityTestProblem[] = [
  testProblem(
    "HS6",
    `${SOURCE} 6`,
    [-1.2, 1],
    0,
    [powerOf(2, { 1: -1 }, 1)],
    [linear({ 2: 10 }), monomial(-10, { 1: 2 })],
  ),
  testProblem(
    "HS7",
    `${SOURCE} 7`,
    [2, 2],
    -Math.sqrt(3),
    [logarithm(1, { 1: 1 }), linear({ 2: -1 })],
    [
      linear({}, -3), // (1 + x1^2)^2 + x2^2 - 4
      monomial(2, { 1: 2 }),
      monomial(1, { 1: 4 }),
      monomial(1, { 2: 2 }),
    ],
  ),
  testProblem(
    "HS28",
    `${SOURCE} 28`,
    [-4, 1, 1],
    0,
    [powerOf(2, { 1: 1, 2: 1 }), powerOf(2, { 2: 1, 3: 1 })],
    [linear({ 1: 1, 2: 2, 3: 3 }, -1)],
  ),
  testProblem(
    "HS39",
    `${SOURCE} 39 (also Boggs & Tolle's problem 9)`,
    times(2, 4),
    -1,
    [linear({ 1: -1 })],
    [linear({ 2: 1 }), monomial(-1, { 1: 3 }), monomial(-1, { 3: 2 })],
    [monomial(1, { 1: 2 }), linear({ 2: -1 }), monomial(-1, { 4: 2 })],
  ),
  testProblem(
    "HS40",
    `${SOURCE} 40`,
    times(0.8, 4),
    -0.25,
    [monomial(-1, { 1: 1, 2: 1, 3: 1, 4: 1 })],
    [monomial(1, { 1: 3 }), monomial(1, { 2: 2 }), linear({}, -1)],
    [monomial(1, { 1: 2, 4: 1 }), linear({ 3: -1 })],
    [monomial(1, { 4: 2 }), linear({ 2: -1 })],
  ),
  testProblem(
    "HS42",
    `${SOURCE} 42`,
    times(1, 4),
    28 - 10 * ROOT2,
    [1, 2, 3, 4].map((i) => powerOf(2, { [i]: 1 }, -i)),
    [linear({ 1: 1 }, -2)],
    [monomial(1, { 3: 2 }), monomial(1, { 4: 2 }), linear({}, -2)],
  ),
  testProblem(
    "HS47",
    `${SOURCE} 47`,
    [2, ROOT2, -1, 2 - ROOT2, 0.5],
    0,
    [
      powerOf(2, { 1: 1, 2: -1 }),
      powerOf(3, { 2: 1, 3: -1 }),
      powerOf(4, { 3: 1, 4: -1 }),
      powerOf(4, { 4: 1, 5: -1 }),
    ],
    [linear({ 1: 1 }, -3), monomial(1, { 2: 2 }), monomial(1, { 3: 3 })],
    [linear({ 2: 1, 4: 1 }, -1), monomial(-1, { 3: 2 })],
    [monomial(1, { 1: 1, 5: 1 }), linear({}, -1)],
  ),
  testProblem(
    "HS48",
    `${SOURCE} 48`,
    [3, 5, -3, 2, -2],
    0,
    [powerOf(2, { 1: 1 }, -1), powerOf(2, { 2: 1, 3: -1 }), powerOf(2, { 4: 1, 5: -1 })],
    [linear({ 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 }, -5)],
    [linear({ 3: 1, 4: -2, 5: -2 }, 3)],
  ),
  testProblem(
    "HS50",
    `${SOURCE} 50`,
    [35, -31, 11, 5, -5],
    0,
    [
      powerOf(2, { 1: 1, 2: -1 }),
      powerOf(2, { 2: 1, 3: -1 }),
      powerOf(4, { 3: 1, 4: -1 }),
      powerOf(2, { 4: 1, 5: -1 }),
    ],
    ...[1, 2, 3].map((i) => [linear({ [i]: 1, [i + 1]: 2, [i + 2]: 3 }, -6)]),
  ),
  testProblem(
    "HS51",
    `${SOURCE} 51`,
    [2.5, 0.5, 2, -1, 0.5],
    0,
    fiveSquares(1),
    [linear({ 1: 1, 2: 3 }, -4)],
    [linear({ 3: 1, 4: 1, 5: -2 })],
    [linear({ 2: 1, 5: -1 })],
  ),
  testProblem(
    "HS52",
    `${SOURCE} 52`,
    times(2, 5),
    1859 / 349,
    fiveSquares(4),
    [linear({ 1: 1, 2: 3 })],
    [linear({ 3: 1, 4: 1, 5: -2 })],
    [linear({ 2: 1, 5: -1 })],
  ),
  testProblem(
    "HS56",
    `${SOURCE} 56`,
    [1, 1, 1, ...times(arcsine(1 / 4.2), 3), arcsine(5 / 7.2)],
    -3.456,
    [monomial(-1, { 1: 1, 2: 1, 3: 1 })],
    ...[1, 2, 3].map((i) => [linear({ [i]: 1 }), squaredSine(-4.2, { [i + 3]: 1 })]),
    [linear({ 1: 1, 2: 2, 3: 2 }), squaredSine(-7.2, { 7: 1 })],
  ),
  testProblem(
    "HS77",
    `${SOURCE} 77`,
    times(2, 5),
    0.24150513,
    [
      powerOf(2, { 1: 1 }, -1),
      powerOf(2, { 1: 1, 2: -1 }),
      powerOf(2, { 3: 1 }, -1),
      powerOf(4, { 4: 1 }, -1),
      powerOf(6, { 5: 1 }, -1),
    ],
    [monomial(1, { 1: 2, 4: 1 }), sine(1, { 4: 1, 5: -1 }), linear({}, -2 * ROOT2)],
    [linear({ 2: 1 }, -8 - ROOT2), monomial(1, { 3: 4, 4: 2 })],
  ),
  testProblem(
    "HS78",
    `${SOURCE} 78`,
    [-2, 1.5, 2, -1, -1],
    -2.91970041,
    [monomial(1, { 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 })],
    [...[1, 2, 3, 4, 5].map((i) => monomial(1, { [i]: 2 })), linear({}, -10)],
    [monomial(1, { 2: 1, 3: 1 }), monomial(-5, { 4: 1, 5: 1 })],
    [monomial(1, { 1: 3 }), monomial(1, { 2: 3 }), linear({}, 1)],
  ),
  testProblem(
    "HS79",
    `${SOURCE} 79`,
    times(2, 5),
    0.0787768209,
    chain,
    [linear({ 1: 1 }, -2 - 3 * ROOT2), monomial(1, { 2: 2 }), monomial(1, { 3: 3 })],
    [linear({ 2: 1, 4: 1 }, 2 - 2 * ROOT2), monomial(-1, { 3: 2 })],
    [monomial(1, { 1: 1, 5: 1 }), linear({}, -2)],
  ),
  testProblem(
    "HS100LNP",
    `${SOURCE} 100, two of its constraints as equations`,
    [1, 2, 0, 4, 0, 1, 1],
    680.630057,
    [
      powerOf(2, { 1: 1 }, -10),
      powerOf(2, { 2: 1 }, -12, 5),
      monomial(1, { 3: 4 }),
      powerOf(2, { 4: 1 }, -11, 3),
      monomial(10, { 5: 6 }),
      monomial(7, { 6: 2 }),
      monomial(1, { 7: 4 }),
      monomial(-4, { 6: 1, 7: 1 }),
      linear({ 6: -10, 7: -8 }),
    ],
    [monomial(2, { 1: 2 }), monomial(3, { 2: 4 }), linear({ 3: 1, 5: 5 }, -127), monomial(4, { 4: 2 })],
    [
      monomial(-4, { 1: 2 }),
      monomial(-1, { 2: 2 }),
      monomial(3, { 1: 1, 2: 1 }),
      monomial(-2, { 3: 2 }),
      linear({ 6: -5, 7: 11 }),
    ],
  ),
];
