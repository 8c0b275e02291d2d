import { checkDType, type DType, isFloat } from "../dtype.ts";
import { TypeMismatchError } from "../errors.ts";
import { broadcastShapes } from "../shape.ts";
import { apply, type Op, type Operand, operands, sameType, type Tensor } from "../tensor.ts";
import { alignLeading } from "./align.ts";
import { sumTo } from "./broadcast.ts";

export const whereOp: Op<undefined> = {
  name: "where",
  type: ([condition, a, b]) => {
    if (condition.dtype !== "bool")
      throw new TypeMismatchError(`where: condition must be boolean, got ${condition.dtype}`);
    return {
      dtype: sameType("where", [a, b]),
      shape: broadcastShapes("where", condition.shape, a.shape, b.shape),
    };
  },
  vjp: ({ inputs: [condition, a, b] }, cotangent) => [
    undefined,
    sumTo(where(condition, cotangent, 0), a.shape),
    sumTo(where(condition, 0, cotangent), b.shape),
  ],
  jvp: ({ inputs: [condition] }, [, ta, tb]) => (ta || tb ? where(condition, ta ?? 0, tb ?? 0) : undefined),
  lower: (emit, names, application) => emit.elementwise("Where", names, application),
  vmap: (inputs, batched) => apply(whereOp, alignLeading(inputs, batched), undefined),
};

/** `a` where `condition` is true, `b` elsewhere, with broadcasting. The branch not selected gets derivative 0. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return apply(whereOp, [condition, ...operands("where", a, b)], undefined);
}

export const castOp: Op<{ readonly dtype: DType }> = {
  name: "cast",
  type: ([x], { dtype }) => ({ dtype, shape: x.shape }),
  vjp: ({ inputs: [x] }, cotangent) => [isFloat(x.dtype) ? cast(cotangent, x.dtype) : undefined],
  jvp: ({ attributes: { dtype } }, [tangent]) =>
    tangent && isFloat(dtype) ? cast(tangent, dtype) : undefined,
  lower: (emit, [x], { attributes: { dtype } }) => emit.cast(x, dtype),
  vmap: (inputs, _, attributes) => apply(castOp, inputs, attributes),
};

/** Converts to another element type; derivatives pass between f32 and f64 and stop at other types. */
export function cast(x: Tensor, dtype: DType): Tensor {
  checkDType("cast", dtype);
  return x.dtype === dtype ? x : apply(castOp, [x], { dtype });
}

const stopGradientOp: Op<undefined> = {
  name: "stopGradient",
  type: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  lower: (_, [x]) => x,
  vmap: (inputs) => apply(stopGradientOp, inputs, undefined),
};

/** x, treated as a constant by all derivatives. */
export function stopGradient(x: Tensor): Tensor {
  return apply(stopGradientOp, [x], undefined);
}

export const identityOp: Op<undefined> = {
  name: "identity",
  type: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  vjp: (_, cotangent) => [cotangent],
  jvp: (_, [tangent]) => tangent,
  lower: (_, [x]) => x,
  vmap: (inputs) => apply(identityOp, inputs, undefined),
};

/** A new node with the value of `x`: a separate variable for derivatives. */
export function identity(x: Tensor): Tensor {
  return apply(identityOp, [x], undefined);
}
