import { type EqualityTestProblem, testProblem } from "./equality-test-problem.ts";
import { chain, fiveSquares } from "./hock-schittkowski.ts";
import { linear, monomial, powerOf } from "./terms.ts";

const SOURCE =
  "Boggs & Tolle 1989, A strategy for global convergence in a sequential quadratic programming algorithm, problem";
const ROOT2 = Math.SQRT2;

/** Problems of Boggs and Tolle. */
export const boggsTolle: readonly EqualityTestProblem[] = [
  testProblem(
    "BT2",
    `${SOURCE} 2`,
    [10, 10, 10],
    0.0325682,
    [powerOf(2, { 1: 1 }, -1), powerOf(2, { 1: 1, 2: -1 }), powerOf(4, { 2: 1, 3: -1 })],
    [linear({ 1: 1 }, -4 - 3 * ROOT2), monomial(1, { 1: 1, 2: 2 }), monomial(1, { 3: 4 })],
  ),
  testProblem(
    "BT3",
    `${SOURCE} 3`,
    [20, 20, 20, 20, 20],
    176 / 43,
    fiveSquares(1),
    [linear({ 1: 1, 2: 3 })],
    [linear({ 3: 1, 4: 1, 5: -2 })],
    [linear({ 2: 1, 5: -1 })],
  ),
  testProblem(
    "BT5",
    `${SOURCE} 5`,
    [2, 2, 2],
    961.715172,
    [
      linear({}, 1000),
      monomial(-1, { 1: 2 }),
      monomial(-2, { 2: 2 }),
      monomial(-1, { 3: 2 }),
      monomial(-1, { 1: 1, 2: 1 }),
      monomial(-1, { 1: 1, 3: 1 }),
    ],
    [...[1, 2, 3].map((i) => monomial(1, { [i]: 2 })), linear({}, -25)],
    [linear({ 1: 8, 2: 14, 3: 7 }, -56)],
  ),
  testProblem(
    "BT10",
    `${SOURCE} 10`,
    [2, 2],
    -1,
    [linear({ 1: -1 })],
    [linear({ 2: 1 }), monomial(-1, { 1: 3 })],
    [monomial(1, { 1: 2 }), linear({ 2: -1 })],
  ),
  testProblem(
    "BT11",
    `${SOURCE} 11`,
    [2, 2, 2, 2, 2],
    0.824891778,
    chain,
    [linear({ 1: 1 }, 2 - 3 * ROOT2), monomial(1, { 2: 2 }), monomial(1, { 3: 3 })],
    [linear({ 2: 1, 4: 1 }, 2 - 2 * ROOT2), monomial(-1, { 3: 2 })],
    [linear({ 1: 1, 5: -1 }, -2)],
  ),
];
