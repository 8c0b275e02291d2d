import { TypeMismatchError } from "../errors.ts";
import { broadcastShapes } from "../shape.ts";
import { apply, floatType, type Op, type Operand, operands, sameType, type Tensor } from "../tensor.ts";
import { alignLeading } from "./align.ts";
import { add, div, mul } from "./arithmetic.ts";
import { sumTo } from "./broadcast.ts";
import { neg } from "./unary.ts";

/** A step function: its derivative is 0 wherever it has one. */
function step(name: string, operator: string): Op<undefined> {
  const op: Op<undefined> = {
    name,
    type: ([x]) => ({ dtype: floatType(name, x), shape: x.shape }),
    lower: (emit, [x]) => emit.node(operator, [x]),
    vmap: (inputs) => apply(op, inputs, undefined),
  };
  return op;
}

export const floorOp = step("floor", "Floor");
const ceilOp = step("ceil", "Ceil");
const roundOp = step("round", "Round");

/** The largest integer <= x; derivative 0. */
export const floor = (x: Tensor) => apply(floorOp, [x], undefined);
/** The smallest integer >= x; derivative 0. */
export const ceil = (x: Tensor) => apply(ceilOp, [x], undefined);
/** The nearest integer, with ties to even; derivative 0. */
export const round = (x: Tensor) => apply(roundOp, [x], undefined);

const remainderOp: Op<undefined> = {
  name: "remainder",
  type: ([a, b]) => {
    const dtype = sameType("remainder", [a, b]);
    if (dtype === "bool") throw new TypeMismatchError("remainder: expected numbers, got booleans");
    return { dtype, shape: broadcastShapes("remainder", a.shape, b.shape) };
  },
  // r = a - b floor(a/b), where the floor is constant.
  vjp: ({ inputs: [a, b] }, cotangent) => [
    sumTo(cotangent, a.shape),
    sumTo(neg(mul(cotangent, floor(div(a, b)))), b.shape),
  ],
  jvp: ({ inputs: [a, b] }, [ta, tb]) => {
    const fromB = tb && neg(mul(tb, floor(div(a, b))));
    return ta && fromB ? add(ta, fromB) : (ta ?? fromB);
  },
  lower: (emit, names, { inputs, output }) => {
    if (output.dtype === "i64") return emit.elementwise("Mod", names, { inputs, output });
    // C's remainder is exact and has the sign of a; b is added where the signs differ.
    const [a, b] = names;
    const r = emit.elementwise("Mod", [a, b], { inputs, output }, { fmod: 1 });
    const both = (opType: string, x: string, y: string) =>
      emit.elementwise(opType, [x, y], { inputs: [output, inputs[1]], output });
    const zero = (rank: number) => emit.scalar(output.dtype, 0, rank);
    const negative = emit.node("Less", [r, zero(output.shape.length)]);
    const positive = emit.node("Greater", [r, zero(output.shape.length)]);
    const differs = emit.node("Or", [
      both("And", negative, emit.node("Greater", [b, zero(inputs[1].shape.length)])),
      both("And", positive, emit.node("Less", [b, zero(inputs[1].shape.length)])),
    ]);
    return emit.node("Where", [differs, both("Add", r, b), r]);
  },
  vmap: (inputs, batched) => apply(remainderOp, alignLeading(inputs, batched), undefined),
};

/**
 * The remainder a - b floor(a/b), elementwise with broadcasting, with the sign of b, as `%` in Python. The derivative
 * is 1 in a and -floor(a/b) in b. A run with an integer b of 0 fails with GraphError.
 *
 * @throws TypeMismatchError unless the operands are numbers of one type
 */
export function remainder(a: Operand, b: Operand): Tensor {
  return apply(remainderOp, operands("remainder", a, b), undefined);
}
