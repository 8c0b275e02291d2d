import { checkLength } from "../../../check/arrays.ts";
import { shown } from "../../../check/describe.ts";
import { ArgumentError, DataError } from "../../../check/errors.ts";
import { checkPositiveInteger } from "../../../check/numbers.ts";
import { checkFunction } from "../../../check/options.ts";
import type { BlockProblem } from "../problem.ts";

/** A smooth function given by callbacks. */
export interface CustomBlockFunction {
  readonly dimension: number;
  value(x: Float64Array): number;
  /** All partial derivatives, or those of a block in its order. */
  gradient(x: Float64Array, block?: Int32Array): Float64Array;
  /** L_i: bounds of the second derivatives along single coordinates. */
  readonly lipschitz: ArrayLike<number>;
  /** H_b, a bound of the block's Hessian at every x: |b| x |b|, row-major. */
  blockBound(block: Int32Array): Float64Array;
  /** The block's Hessian at x, for Newton steps; the bound stands in for it where it is not given. */
  blockHessian?(x: Float64Array, block: Int32Array): Float64Array;
}

/**
 * A user-defined function as a problem for block coordinate methods. Nothing is carried along x: a step costs what its
 * callbacks cost.
 *
 * @throws ArgumentError when dimension is not an integer >= 1, the lengths do not fit or a callback is missing
 * @throws DataError naming a Lipschitz constant that is not finite and >= 0
 */
export function blockFunction(f: CustomBlockFunction): BlockProblem {
  if (typeof f !== "object" || f === null)
    throw new ArgumentError(
      `f must be a function of blocks { dimension, value, gradient, lipschitz, blockBound }, got ${shown(f)}`,
    );
  const { dimension, value, gradient, blockBound, blockHessian } = f;
  checkPositiveInteger({ dimension });
  checkFunction({ value, gradient, blockBound, ...(blockHessian && { blockHessian }) });
  checkLength("lipschitz", f.lipschitz, dimension);
  const lipschitz = Float64Array.from(f.lipschitz);
  const wrong = lipschitz.findIndex((L) => !(L >= 0 && L < Number.POSITIVE_INFINITY));
  if (wrong >= 0)
    throw new DataError(`lipschitz[${wrong}] must be a finite number >= 0, got ${lipschitz[wrong]}`);
  function put(what: string, given: Float64Array, length: number, out: Float64Array): void {
    if (given.length !== length)
      throw new ArgumentError(`${what} must give ${length} numbers, got ${given.length}`);
    const place = given.findIndex((value) => !Number.isFinite(value));
    if (place >= 0) throw new DataError(`${what} must be finite, got ${given[place]} at ${place}`);
    out.set(given);
  }
  const bound = (block: Int32Array, out: Float64Array) =>
    put("blockBound(block)", f.blockBound(block), block.length ** 2, out);
  return {
    dimension,
    lipschitz,
    quadratic: false,
    carry: () => new Float64Array(0),
    value: (x) => f.value(x),
    gradient: (x, _, out) => put("gradient(x)", f.gradient(x), dimension, out),
    partials: (x, _, block, out) => put("gradient(x, block)", f.gradient(x, block), block.length, out),
    bound,
    hessian(x, _, block, out) {
      if (f.blockHessian) put("blockHessian(x, block)", f.blockHessian(x, block), block.length ** 2, out);
      else bound(block, out);
    },
    move(x, _, block, step) {
      for (let p = 0; p < block.length; p++) x[block[p]] += step[p];
    },
    gradientFlops: dimension,
    blockFlops: (block) => block.length,
  };
}
