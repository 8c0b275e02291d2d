import { array, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError, GradusError } from "./check/index.ts";
import { coordinateTrimmedMean } from "./collaborative/index.ts";
import { parseLibsvm, parseNpy } from "./data/index.ts";
import {
  cholesky,
  choleskySolve,
  csrFromDense,
  denseMatrix,
  diagonalOperator,
  luFactorize,
  luSolve,
} from "./linalg/index.ts";
import { quadratic } from "./objectives/index.ts";
import { diagonalMetric, equilibrate, solveForest, stochasticArmijo } from "./optimize/index.ts";
import { rowRange } from "./tree/index.ts";

/** A copy whose buffer went elsewhere, as when it is sent to a worker. */
function transferred<T extends Float64Array | Int32Array | Uint8Array>(values: T): T {
  const copy = values.slice();
  structuredClone(copy, { transfer: [copy.buffer] });
  expect(copy.length).toBe(0);
  return copy as T;
}

const diagonal = denseMatrix([2, 0, 0, 3], 2, 2);
const gone = transferred(Float64Array.of(1, 2));
const lost = { ...array(Float64Array.of(1, 2), [2, 1]), data: gone };

test.each<[string, string, () => unknown]>([
  [
    "choleskySolve",
    "the right-hand side must have 2 numbers, got 0",
    () => choleskySolve(cholesky(diagonal), gone),
  ],
  ["luSolve", "the right-hand side must have 2 numbers, got 0", () => luSolve(luFactorize(diagonal), gone)],
  ["diagonalOperator", "entries must not be transferred", () => diagonalOperator(gone)],
  ["diagonalMetric", "diagonal must not be transferred", () => diagonalMetric(gone)],
  [
    "equilibrate",
    "A must have 2 x 2 numbers, got 0",
    () => equilibrate({ rows: 2, columns: 2, values: transferred(diagonal.values) }),
  ],
  [
    "stochasticArmijo",
    "x0 must not be transferred",
    () => stochasticArmijo(() => quadratic(diagonal, [1, 1]), gone),
  ],
  [
    "solveForest",
    "block must not be transferred",
    () => solveForest(csrFromDense(diagonal), transferred(Int32Array.of(0, 1)), gone),
  ],
  ["parseLibsvm", "content must not be transferred", () => parseLibsvm(transferred(Uint8Array.of(49)))],
  ["parseNpy", "bytes must not be transferred", () => parseNpy(transferred(new Uint8Array(80)))],
  ["rowRange", "data: expected 2 elements for its shape [2, 1], got 0", () => rowRange({ lost }, 0, 1)],
  [
    "coordinateTrimmedMean",
    "models[0] must not be transferred",
    () => coordinateTrimmedMean().mix([gone, gone, gone], { own: 0, faulty: 1 }),
  ],
])("%s names an array whose buffer was transferred", (_, message, call) => {
  expect(call).toThrow(GradusError);
  expect(call).toThrow(message);
});

test("toNumbers names an array whose buffer was transferred", () => {
  expect(() => toNumbers(lost)).toThrow("toNumbers: shape [2, 1] holds 2 elements, data has 0");
});

test("what has no numbers, and never had, is no error", () => {
  expect(diagonalOperator(new Float64Array(0)).rows).toBe(0);
  expect(() => diagonalMetric(gone)).toThrow(ArgumentError);
  expect(diagonalMetric(new Float64Array(0)).dimension).toBe(0);
});
