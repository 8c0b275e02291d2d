import { TypeMismatchError } from "../errors.ts";
import { broadcastShapes } from "../shape.ts";
import { apply, type Op, type Operand, operands, type Tensor } from "../tensor.ts";
import { alignLeading } from "./align.ts";

/** ONNX's number for unsigned 64-bit integers, the only ones of that width whose bits it shifts. */
const UINT64 = 13;

function bitwise(name: string, operator: string, attributes?: { readonly direction: string }): Op<undefined> {
  const op: Op<undefined> = {
    name,
    type: (inputs) => {
      for (const { dtype } of inputs)
        if (dtype !== "i64") throw new TypeMismatchError(`${name}: expected integers, got ${dtype}`);
      return { dtype: "i64", shape: broadcastShapes(name, ...inputs.map(({ shape }) => shape)) };
    },
    lower: (emit, names, application) => {
      if (!attributes) return emit.elementwise(operator, names, application);
      const unsigned = names.map((x) => emit.node("Cast", [x], { to: UINT64 }));
      return emit.cast(emit.elementwise(operator, unsigned, application, attributes), "i64");
    },
    vmap: (inputs, batched) => apply(op, alignLeading(inputs, batched), undefined),
  };
  return op;
}

const ops = {
  and: bitwise("bitwiseAnd", "BitwiseAnd"),
  or: bitwise("bitwiseOr", "BitwiseOr"),
  xor: bitwise("bitwiseXor", "BitwiseXor"),
  left: bitwise("shiftLeft", "BitShift", { direction: "LEFT" }),
  right: bitwise("shiftRight", "BitShift", { direction: "RIGHT" }),
};

const binary =
  (op: Op<undefined>) =>
  (a: Operand, b: Operand): Tensor =>
    apply(op, operands(op.name, a, b), undefined);

/** The bits that both integers have, elementwise with broadcasting. */
export const bitwiseAnd = binary(ops.and);
/** The bits that one of both integers has. */
export const bitwiseOr = binary(ops.or);
/** The bits that only one of both integers has. */
export const bitwiseXor = binary(ops.xor);
/** a 2^b, without the bits beyond the 64th. */
export const shiftLeft = binary(ops.left);
/** The bits of a, as an unsigned number, without the last b of them. */
export const shiftRight = binary(ops.right);
