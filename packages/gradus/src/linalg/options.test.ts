import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { symmetricEigen } from "./factorize/symmetric-eigen.ts";
import { symmetricEigenvalues } from "./factorize/symmetric-eigenvalues.ts";
import { tridiagonalEigen } from "./factorize/tridiagonal-eigen.ts";
import { solveLeastSquares, solveLeastSquaresBySvd } from "./least-squares.ts";
import { composeOperators } from "./operator/combine.ts";
import { identityOperator } from "./operator/structured.ts";
import { incompleteCholesky } from "./precondition/incomplete-cholesky.ts";
import { gaussianSketch } from "./sketch/gaussian.ts";
import { hadamardSketch } from "./sketch/hadamard.ts";
import { rowSketch } from "./sketch/rows.ts";
import { sparseSignSketch } from "./sketch/sparse-sign.ts";
import { csrFromDense } from "./sparse/build.ts";

const A = { rows: 2, columns: 2, values: Float64Array.of(2, 1, 1, 2) };
const b = Float64Array.of(1, 2);

test.each<readonly [string, (options: never) => unknown]>([
  ["symmetricEigen", (options) => symmetricEigen(A, options)],
  ["symmetricEigenvalues", (options) => symmetricEigenvalues(A, options)],
  ["tridiagonalEigen", (options) => tridiagonalEigen(b, Float64Array.of(1), options)],
  ["solveLeastSquares", (options) => solveLeastSquares(A, b, options)],
  ["solveLeastSquaresBySvd", (options) => solveLeastSquaresBySvd(A, b, options)],
  ["composeOperators", (options) => composeOperators(identityOperator(2), identityOperator(2), options)],
  ["incompleteCholesky", (options) => incompleteCholesky(csrFromDense(A), options)],
  ["gaussianSketch", (options) => gaussianSketch(2, 4, options)],
  ["hadamardSketch", (options) => hadamardSketch(2, 4, options)],
  ["rowSketch", (options) => rowSketch(2, 4, options)],
  ["sparseSignSketch", (options) => sparseSignSketch(2, 4, options)],
])("%s refuses an unknown option by name", (name, call) => {
  const refused = expect(() => call({ sede: 1 } as never));
  refused.toThrow(ArgumentError);
  refused.toThrow(`${name} has no option "sede"; its options are `);
});
