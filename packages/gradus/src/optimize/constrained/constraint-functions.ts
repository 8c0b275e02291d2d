import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { denseMultiply } from "../../linalg/dense.ts";
import { checkDense, checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { dot } from "../../linalg/vector.ts";
import { type Objective, whenReady } from "../../objectives/objective.ts";
import type { EqualityProblem } from "./problem.ts";

/** Equations c(x) = 0 with their derivatives, on the host. */
export interface ConstraintFunctions {
  /** n. */
  readonly dimension: number;
  /** m. */
  readonly count: number;
  /** c(x), m numbers. */
  values(x: Float64Array): Float64Array;
  /** m x n. */
  jacobian(x: Float64Array): DenseMatrix;
  /** Adds sum_i lambda_i times the Hessian of c_i to `out`, n x n. */
  addHessian(x: Float64Array, lambda: Float64Array, out: Float64Array): void;
}

/**
 * A x = b.
 *
 * @param A m x n
 * @param b m numbers
 * @throws ArgumentError when A is no dense matrix or b does not have m numbers, DataError when a number is not finite
 */
export function affineConstraints(A: DenseMatrix, b: Float64Array): ConstraintFunctions {
  checkFiniteDense("A", A);
  const { rows: count, columns: dimension, values } = A;
  checkLength("b", b, count);
  checkFiniteVector("b", b);
  return {
    dimension,
    count,
    values(x) {
      const c = denseMultiply(values, count, dimension, x);
      for (let i = 0; i < count; i++) c[i] -= b[i];
      return c;
    },
    jacobian: () => ({ ...A, values: values.slice() }),
    addHessian() {},
  };
}

/**
 * ||x||^2 = radius^2.
 *
 * @throws ArgumentError unless dimension is an integer >= 1 and radius a finite number > 0
 */
export function sphereConstraint(dimension: number, radius = 1): ConstraintFunctions {
  checkPositiveInteger({ dimension });
  checkPositive({ radius });
  return {
    dimension,
    count: 1,
    values: (x) => Float64Array.of(dot(x, x) - radius * radius),
    jacobian: (x) => ({ rows: 1, columns: dimension, values: x.map((value) => 2 * value) }),
    addHessian(_, lambda, out) {
      for (let j = 0; j < dimension; j++) out[j * dimension + j] += 2 * lambda[0];
    },
  };
}

function stack(parts: readonly ConstraintFunctions[]): ConstraintFunctions {
  const { dimension } = parts[0];
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const joined = (length: number, pieces: readonly Float64Array[]): Float64Array => {
    const whole = new Float64Array(length);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  };
  return {
    dimension,
    count,
    values: (x) =>
      joined(
        count,
        parts.map((part) => part.values(x)),
      ),
    jacobian: (x) => ({
      rows: count,
      columns: dimension,
      values: joined(
        count * dimension,
        parts.map((part) => part.jacobian(x).values),
      ),
    }),
    addHessian(x, lambda, out) {
      let at = 0;
      for (const part of parts) {
        part.addHessian(x, lambda.subarray(at, at + part.count), out);
        at += part.count;
      }
    },
  };
}

const isSame = (a: Float64Array, b: Float64Array) =>
  a.length === b.length && a.every((value, i) => value === b[i]);

/**
 * min objective(x) subject to all of the constraints: the problem that `minimizeEquality` takes. The objective must
 * have a Hessian or products with it.
 *
 * @throws ArgumentError when there is no constraint, dimensions differ, or the objective has no second derivatives
 */
export function subjectTo(
  objective: Objective,
  ...constraints: readonly ConstraintFunctions[]
): EqualityProblem {
  if (typeof objective !== "object" || objective === null)
    throw new ArgumentError(
      `objective must be an object { dimension, value, gradient }, got ${shown(objective)}`,
    );
  const { dimension, hessian, hessianVectorProduct, hessianFlops } = objective;
  if (constraints.length === 0) throw new ArgumentError("constraints must have at least one, got none");
  for (const constraint of constraints)
    if (constraint.dimension !== dimension)
      throw new ArgumentError(
        `constraints must have the objective's dimension ${dimension}, got ${constraint.dimension}`,
      );
  if (!hessian && !hessianVectorProduct)
    throw new ArgumentError("objective must have hessian or hessianVectorProduct, got neither");
  const all = stack(constraints);
  let bent:
    | { readonly x: Float64Array; readonly lambda: Float64Array; readonly bend: Float64Array }
    | undefined;

  /** The Hessian of lambda^T c, kept for further products at the same point. */
  function bendAt(x: Float64Array, lambda: Float64Array): Float64Array {
    if (bent && isSame(bent.x, x) && isSame(bent.lambda, lambda)) return bent.bend;
    const bend = new Float64Array(dimension * dimension);
    all.addHessian(x, lambda, bend);
    bent = { x: x.slice(), lambda: lambda.slice(), bend };
    return bend;
  }

  return {
    dimension,
    constraintCount: all.count,
    value: (x) => objective.value(x),
    gradient: (x) => objective.gradient(x),
    constraints: all.values,
    jacobian: all.jacobian,
    ...(hessian && {
      hessianLagrangian: (x, lambda) =>
        whenReady(hessian.call(objective, x), (H) => {
          checkDense("the Hessian", H);
          all.addHessian(x, lambda, H.values);
          return H;
        }),
    }),
    ...(hessianVectorProduct &&
      (!hessian || hessianFlops) && {
        hessianVectorProduct: (x, lambda, v) => {
          const extra = denseMultiply(bendAt(x, lambda), dimension, dimension, v);
          return whenReady(hessianVectorProduct.call(objective, x, v), (product) =>
            product.map((value, j) => value + extra[j]),
          );
        },
      }),
    ...(hessianFlops && { hessianFlops }),
  };
}
