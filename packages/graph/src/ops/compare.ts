import { TypeMismatchError } from "../errors.ts";
import { broadcastShapes } from "../shape.ts";
import { apply, floatType, type Op, type Operand, operands, sameType, type Tensor } from "../tensor.ts";
import { alignLeading } from "./align.ts";
import { abs } from "./unary.ts";

function comparison(name: string, operator: string): Op<undefined> {
  const op: Op<undefined> = {
    name,
    type: ([a, b]) => {
      sameType(name, [a, b]);
      return { dtype: "bool", shape: broadcastShapes(name, a.shape, b.shape) };
    },
    lower: (emit, names, application) => emit.elementwise(operator, names, application),
    vmap: (inputs, batched) => apply(op, alignLeading(inputs, batched), undefined),
  };
  return op;
}

const ops = {
  greater: comparison("greater", "Greater"),
  greaterEqual: comparison("greaterEqual", "GreaterOrEqual"),
  less: comparison("less", "Less"),
  lessEqual: comparison("lessEqual", "LessOrEqual"),
  equal: comparison("equal", "Equal"),
};

function compare(op: Op<undefined>, a: Operand, b: Operand): Tensor {
  return apply(op, operands(op.name, a, b), undefined);
}

/** a > b, elementwise with broadcasting, as booleans. */
export const greater = (a: Operand, b: Operand) => compare(ops.greater, a, b);
/** a >= b. */
export const greaterEqual = (a: Operand, b: Operand) => compare(ops.greaterEqual, a, b);
/** a < b. */
export const less = (a: Operand, b: Operand) => compare(ops.less, a, b);
/** a <= b. */
export const lessEqual = (a: Operand, b: Operand) => compare(ops.lessEqual, a, b);
/** a = b. */
export const equal = (a: Operand, b: Operand) => compare(ops.equal, a, b);

/** a != b. */
export const notEqual = (a: Operand, b: Operand) => not(equal(a, b));

const isNanOp: Op<undefined> = {
  name: "isNan",
  type: ([x]) => {
    floatType("isNan", x);
    return { dtype: "bool", shape: x.shape };
  },
  lower: (emit, [x]) => emit.node("IsNaN", [x]),
  vmap: (inputs) => apply(isNanOp, inputs, undefined),
};

/** Whether x is NaN, elementwise. */
export const isNan = (x: Tensor) => apply(isNanOp, [x], undefined);
/** Whether x is neither infinite nor NaN, elementwise. */
export const finite = (x: Tensor) => less(abs(x), Number.POSITIVE_INFINITY);

function logical(name: string, operator: string): Op<undefined> {
  const op: Op<undefined> = {
    name,
    type: (inputs) => {
      for (const t of inputs)
        if (t.dtype !== "bool") throw new TypeMismatchError(`${name}: expected booleans, got ${t.dtype}`);
      return { dtype: "bool", shape: broadcastShapes(name, ...inputs.map((t) => t.shape)) };
    },
    lower: (emit, names, application) => emit.elementwise(operator, names, application),
    vmap: (inputs, batched) => apply(op, alignLeading(inputs, batched), undefined),
  };
  return op;
}

const andOp = logical("and", "And");
const orOp = logical("or", "Or");
const xorOp = logical("xor", "Xor");
const notOp = logical("not", "Not");

/** Logical and of booleans. */
export const and = (a: Tensor, b: Tensor) => apply(andOp, [a, b], undefined);
/** Logical or of booleans. */
export const or = (a: Tensor, b: Tensor) => apply(orOp, [a, b], undefined);
/** Exclusive or of booleans. */
export const xor = (a: Tensor, b: Tensor) => apply(xorOp, [a, b], undefined);
/** Logical negation of booleans. */
export const not = (a: Tensor) => apply(notOp, [a], undefined);
