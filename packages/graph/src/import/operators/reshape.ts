import { quotientOf } from "../../dimension-polynomials.ts";
import { ShapeError } from "../../errors.ts";
import { reshape } from "../../ops/shape.ts";
import { type Dimension, formatShape, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";

/** The one value of a named dimension with which a shape has as many elements as another, such as `time = 5`. */
function fittingSize(shape: Shape, wanted: Shape): string | undefined {
  for (const [axis, name] of shape.entries()) {
    if (typeof name !== "string") continue;
    const value = quotientOf(wanted, shape.toSpliced(axis, 1));
    if (typeof value === "number") return `${name} = ${value}`;
  }
  return undefined;
}

/**
 * The new shape: 0 copies a dimension (unless allowzero), -1 is what remains.
 *
 * @throws ShapeError telling the sizes that the file was exported for, where it fixes others than the inputs have
 */
function reshapeTo(call: NodeCall, x: Tensor, given: readonly Dimension[]): Tensor {
  const allowZero = call.int("allowzero", 0) === 1;
  const wanted = given.map((d, i) => (d === 0 && !allowZero ? x.shape[i] : d));
  try {
    return reshape(x, wanted);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const sizes = fittingSize(x.shape, wanted);
    throw new ShapeError(
      `${error.message}: the file fixes the shape ${formatShape(wanted)}, as it was exported for inputs ${sizes === undefined ? "of one size" : `with ${sizes}`}; use inputs of that size, or export it for the size that you need`,
    );
  }
}

export const reshaped: Operator = (call) => {
  const wanted = call.dimensions(1) ?? call.ints("shape");
  return reshapeTo(call, call.input(0), wanted ?? call.refuse("the shape is missing"));
};
