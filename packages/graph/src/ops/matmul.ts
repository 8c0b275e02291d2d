import { ShapeError } from "../errors.ts";
import { broadcastShapes, type Dimension, formatShape, type Shape, sameShape } from "../shape.ts";
import { apply, floatType, type Op, sameType, type Tensor } from "../tensor.ts";
import { alignLeading } from "./align.ts";
import { add } from "./arithmetic.ts";
import { sumTo } from "./broadcast.ts";
import { einsum } from "./einsum.ts";
import { expandDims, squeeze, transpose } from "./shape.ts";

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

/**
 * If leading dimensions of the second operand broadcast, ONNX Runtime rejects an empty leading dimension, and leaves
 * the result uninitialized for an empty inner one. Returns the dimensions that may then be 0; undefined if none can.
 */
function dimensionsToCheck(
  [a, b]: readonly Tensor[],
  { shape }: Tensor,
  inner: Dimension,
): Shape | undefined {
  const [first, second, leading] = [a.shape, b.shape, shape].map((s) => s.slice(0, -2));
  const repeats = second.length > first.length || second.some((dimension) => dimension !== 1);
  if (!repeats || sameShape(first, second)) return undefined;
  const mayBeEmpty = (dimension: Dimension) => dimension === 0 || typeof dimension === "string";
  if (mayBeEmpty(inner)) return [...leading, inner];
  return leading.some(mayBeEmpty) ? leading : undefined;
}

export const matmulOp: Op<MatmulAttributes> = {
  name: "matmul",
  type: ([a, b], { transposeA, transposeB }) => {
    const dtype = sameType("matmul", [a, b]);
    floatType("matmul", a);
    const describe = ({ shape }: Tensor, transposed: boolean) =>
      `${formatShape(shape)}${transposed ? " transposed" : ""}`;
    const [rows, inner] = transposeA
      ? [a.shape.at(-1)!, a.shape.at(-2)!]
      : [a.shape.at(-2)!, a.shape.at(-1)!];
    const [innerB, columns] = transposeB
      ? [b.shape.at(-1)!, b.shape.at(-2)!]
      : [b.shape.at(-2)!, b.shape.at(-1)!];
    if (inner !== innerB) throw mismatch(describe(a, transposeA), describe(b, transposeB), inner, innerB);
    const batch = broadcastShapes("matmul (leading dimensions)", a.shape.slice(0, -2), b.shape.slice(0, -2));
    return { dtype, shape: [...batch, rows, columns] };
  },
  // Y = op(A) op(B); no product below materializes a transpose.
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
    // A float64 product becomes a Gemm, because ONNX Runtime fuses factors, rounded to float32, into a MatMul.
    if (matrices && (transposeA || transposeB || output.dtype === "f64"))
      return emit.node("Gemm", [a, b], { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 });
    const flip = (name: string, t: Tensor) =>
      emit.node("Transpose", [name], { perm: lastTwoSwapped(t.shape.length) });
    const operands = [transposeA ? flip(a, inputs[0]) : a, transposeB ? flip(b, inputs[1]) : b];
    const dimensions = dimensionsToCheck(inputs, output, inputs[0].shape.at(transposeA ? -2 : -1)!);
    return dimensions
      ? emit.either(
          emit.node("Equal", [emit.elementCount(dimensions), emit.scalar("i64", 0, 0)]),
          (branch) =>
            branch.node("Expand", [branch.scalar(output.dtype, 0, 0), branch.shapeVector(output.shape)]),
          (branch) => branch.node("MatMul", operands),
          output,
        )
      : emit.node("MatMul", operands);
  },
  vmap: (inputs, batched, attributes) => apply(matmulOp, alignLeading(inputs, batched), attributes),
};

function mismatch(a: string, b: string, columns?: Dimension, rows?: Dimension): ShapeError {
  return new ShapeError(
    columns === undefined || rows === undefined
      ? `matmul: operands must have at least 1 dimension, got ${a} and ${b}`
      : `matmul: inner dimensions must be equal, got ${a} and ${b}: ${columns} columns against ${rows} rows`,
  );
}

/** The product of u transposed and v, summed over their common leading dimensions, as one product of tall matrices. */
function overLeading(u: Tensor, v: Tensor): Tensor {
  const summed = "abcdefghijklmnop".slice(0, u.shape.length - 1);
  return einsum(`${summed}x,${summed}y->xy`, u, v);
}

function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return apply(matmulOp, [a, b], { transposeA, transposeB });
}

/**
 * The matrix product over the last two dimensions, with the rules of NumPy and PyTorch: [..., n, k] times [..., k, m]
 * is [..., n, m], where leading dimensions broadcast. A vector on the left is a row and a vector on the right a column,
 * whose dimension is dropped: [k] times [..., k, m] is [..., m], [..., n, k] times [k] is [..., n], and [k] times [k]
 * is a scalar.
 *
 * @throws ShapeError for a scalar, when the inner dimensions differ, or when the leading dimensions do not broadcast
 * @throws TypeMismatchError unless both are f32 or both are f64
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  sameType("matmul", [a, b]);
  const [isRow, isColumn] = [a.shape.length === 1, b.shape.length === 1];
  if (!isRow && !isColumn) return product(a, b, false, false);
  if (a.shape.length === 0 || b.shape.length === 0 || a.shape.at(-1) !== b.shape.at(isColumn ? 0 : -2))
    throw mismatch(formatShape(a.shape), formatShape(b.shape), a.shape.at(-1), b.shape.at(isColumn ? 0 : -2));
  const result = product(isRow ? expandDims(a, 0) : a, isColumn ? expandDims(b, 1) : b, false, false);
  return squeeze(result, [...(isRow ? [-2] : []), ...(isColumn ? [-1] : [])]);
}

/**
 * The transpose of the last two dimensions.
 *
 * @throws ShapeError for fewer than 2 dimensions
 */
export function matrixTranspose(x: Tensor): Tensor {
  if (x.shape.length < 2)
    throw new ShapeError(`matrixTranspose: expected at least 2 dimensions, got ${formatShape(x.shape)}`);
  return transpose(x, lastTwoSwapped(x.shape.length));
}
