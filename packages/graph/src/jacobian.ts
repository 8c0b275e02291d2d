import { jvp, vjp } from "./differentiate.ts";
import { allocate, isFloat } from "./dtype.ts";
import { GraphError, ShapeError } from "./errors.ts";
import { reshape, transpose } from "./ops/shape.ts";
import { formatShape, isStatic, sizeOfShape } from "./shape.ts";
import { constant, type Tensor } from "./tensor.ts";
import { vmap } from "./vectorize.ts";

/** The unit vectors of the space of `like`: an array [size, ...shape]. */
function unitVectors(size: number, like: Tensor): Tensor {
  if (!isFloat(like.dtype)) throw new GraphError(`jacobian: expected f32 or f64, got ${like.dtype}`);
  const data = allocate(like.dtype, size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  return reshape(constant(data, [size, size]), [size, ...like.shape]);
}

function staticSize(what: string, { shape }: Tensor): number {
  if (!isStatic(shape))
    throw new ShapeError(
      `jacobian: the shape of ${what} must be known at trace time, got ${formatShape(shape)}`,
    );
  return sizeOfShape(shape);
}

/**
 * The Jacobian of a function of one tensor: an array [...shape of f(x), ...shape of x]. It is computed in reverse mode,
 * vectorized over the outputs, if f has no more outputs than inputs; otherwise in forward mode, vectorized over the
 * inputs.
 *
 * @throws ShapeError unless both shapes are known at trace time
 */
export function jacobian<R extends readonly unknown[]>(
  f: (x: Tensor, ...rest: R) => Tensor,
): (x: Tensor, ...rest: R) => Tensor {
  return (x, ...rest) => {
    const { value, pullback } = vjp((v: Tensor) => f(v, ...rest), x);
    const inputs = staticSize("the argument", x);
    const outputs = staticSize("the value", value);
    const shape = [...value.shape, ...x.shape];
    if (outputs <= inputs) return reshape(vmap(pullback)(unitVectors(outputs, value)), shape);
    const columns = vmap((t: Tensor) => jvp((v: Tensor) => f(v, ...rest), x, t).tangent)(
      unitVectors(inputs, x),
    );
    return reshape(transpose(reshape(columns, [inputs, outputs])), shape);
  };
}
