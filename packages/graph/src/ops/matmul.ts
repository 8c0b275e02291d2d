import { ShapeError } from "../errors.ts";
import { broadcastShapes, formatShape, sameShape } from "../shape.ts";
import { apply, floatType, type Op, sameType, type Tensor } from "../tensor.ts";
import { alignLeading } from "./align.ts";
import { add } from "./arithmetic.ts";
import { sumTo } from "./broadcast.ts";
import { einsum } from "./einsum.ts";
import { transpose } from "./shape.ts";

export interface MatmulAttributes {
  /** Use the transpose of the last two dimensions of the first operand. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function lastTwoSwapped(rank: number): number[] {
  const order = Array.from({ length: rank }, (_, i) => i);
  order[rank - 2] = rank - 1;
  order[rank - 1] = rank - 2;
  return order;
}

/** ONNX Runtime refuses an empty leading dimension where the second operand has leading dimensions that broadcast. */
function mayBeRefused([a, b]: readonly Tensor[], { shape }: Tensor): boolean {
  const [first, second, leading] = [a.shape, b.shape, shape].map((s) => s.slice(0, -2));
  const mayBeEmpty = leading.some((dimension) => dimension === 0 || typeof dimension === "string");
  const repeats = second.length > first.length || second.some((dimension) => dimension !== 1);
  return mayBeEmpty && repeats && !sameShape(first, second);
}

export const matmulOp: Op<MatmulAttributes> = {
  name: "matmul",
  type: ([a, b], { transposeA, transposeB }) => {
    const dtype = sameType("matmul", [a, b]);
    floatType("matmul", a);
    const describe = () =>
      `${formatShape(a.shape)}${transposeA ? " transposed" : ""} and ${formatShape(b.shape)}${transposeB ? " transposed" : ""}`;
    if (a.shape.length < 2 || b.shape.length < 2)
      throw new ShapeError(`matmul: operands must have at least 2 dimensions, got ${describe()}`);
    const [rows, inner] = transposeA
      ? [a.shape.at(-1)!, a.shape.at(-2)!]
      : [a.shape.at(-2)!, a.shape.at(-1)!];
    const [innerB, columns] = transposeB
      ? [b.shape.at(-1)!, b.shape.at(-2)!]
      : [b.shape.at(-2)!, b.shape.at(-1)!];
    if (inner !== innerB)
      throw new ShapeError(
        `matmul: inner dimensions must be equal, got ${describe()}: ${inner} columns against ${innerB} rows`,
      );
    const batch = broadcastShapes("matmul (leading dimensions)", a.shape.slice(0, -2), b.shape.slice(0, -2));
    return { dtype, shape: [...batch, rows, columns] };
  },
  // Y = op(A) op(B); each product below is written so that no transpose is materialized.
  vjp: ({ inputs: [a, b], attributes: { transposeA, transposeB } }, g) => {
    const toA = transposeA ? product(b, g, transposeB, true) : product(g, b, false, !transposeB);
    if (a.shape.length > 2 && b.shape.length === 2 && !transposeA)
      return [toA, transposeB ? overLeading(g, a) : overLeading(a, g)];
    const toB = transposeB ? product(g, a, true, transposeA) : product(a, g, !transposeA, false);
    return [sumTo(toA, a.shape), sumTo(toB, b.shape)];
  },
  jvp: ({ inputs: [a, b], attributes: { transposeA, transposeB } }, [ta, tb]) => {
    const fromA = ta && product(ta, b, transposeA, transposeB);
    const fromB = tb && product(a, tb, transposeA, transposeB);
    return fromA && fromB ? add(fromA, fromB) : (fromA ?? fromB);
  },
  lower: (emit, [a, b], { inputs, output, attributes: { transposeA, transposeB } }) => {
    const matrices = inputs.every((t) => t.shape.length === 2);
    // As a Gemm, a float64 product keeps apart from factors, which ONNX Runtime rounds to float32 in a MatMul.
    if (matrices && (transposeA || transposeB || output.dtype === "f64"))
      return emit.node("Gemm", [a, b], { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 });
    const flip = (name: string, t: Tensor) =>
      emit.node("Transpose", [name], { perm: lastTwoSwapped(t.shape.length) });
    const operands = [transposeA ? flip(a, inputs[0]) : a, transposeB ? flip(b, inputs[1]) : b];
    return mayBeRefused(inputs, output)
      ? emit.either(
          emit.node("Equal", [emit.elementCount(output.shape.slice(0, -2)), emit.scalar("i64", 0, 0)]),
          (branch) =>
            branch.node("Expand", [branch.scalar(output.dtype, 0, 0), branch.shapeVector(output.shape)]),
          (branch) => branch.node("MatMul", operands),
          output,
        )
      : emit.node("MatMul", operands);
  },
  vmap: (inputs, batched, attributes) => apply(matmulOp, alignLeading(inputs, batched), attributes),
};

/** The product of u transposed and v, summed over the leading dimensions, which both have: as one of tall matrices. */
function overLeading(u: Tensor, v: Tensor): Tensor {
  const summed = "abcdefghijklmnop".slice(0, u.shape.length - 1);
  return einsum(`${summed}x,${summed}y->xy`, u, v);
}

function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return apply(matmulOp, [a, b], { transposeA, transposeB });
}

/**
 * Matrix product over the last two dimensions; leading dimensions broadcast. [.., n, k] times [.., k, m] is
 * [.., n, m].
 *
 * @throws ShapeError when the inner dimensions differ
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return product(a, b, false, false);
}

/** The transpose of the last two dimensions. */
export function matrixTranspose(x: Tensor): Tensor {
  if (x.shape.length < 2)
    throw new ShapeError(`matrixTranspose: wants at least 2 dimensions, got ${formatShape(x.shape)}`);
  return transpose(x, lastTwoSwapped(x.shape.length));
}
