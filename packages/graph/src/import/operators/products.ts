import { type DType, isFloat } from "../../dtype.ts";
import { add, mul, sub } from "../../ops/arithmetic.ts";
import { einsum } from "../../ops/einsum.ts";
import { matmul, matrixTranspose } from "../../ops/matmul.ts";
import { diagonal, lowerTriangle, upperTriangle } from "../../ops/matrices.ts";
import { cast } from "../../ops/select.ts";
import { reshape } from "../../ops/shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { moveAxis } from "./axes.ts";

/** The product of tensors of any one type; integers are multiplied in float64, exact up to 2^53. */
function product(a: Tensor, b: Tensor): Tensor {
  if (isFloat(a.dtype)) return matmul(a, b);
  return cast(matmul(cast(a, "f64"), cast(b, "f64")), a.dtype);
}

/** What holds integers that are made of quantized operands: floats where derivatives pass through their rounding. */
export function integersOf(call: NodeCall): DType {
  return [call.input(0), call.input(1)].find(({ dtype }) => isFloat(dtype))?.dtype ?? "i64";
}

/** alpha A' B' + beta C. */
export function gemm(call: NodeCall): Tensor {
  const a = call.int("transA", 0) ? matrixTranspose(call.input(0)) : call.input(0);
  const b = call.int("transB", 0) ? matrixTranspose(call.input(1)) : call.input(1);
  const scaled = (x: Tensor, factor: number) => (factor === 1 ? x : mul(x, factor));
  const c = call.optional(2);
  const ab = scaled(product(a, b), call.float("alpha", 1));
  return c ? add(ab, scaled(c, call.float("beta", 1))) : ab;
}

/** A product of integers minus their zero points; those of a's rows may differ. */
const matmulInteger: Operator = (call) => {
  const shifted = (index: number) => {
    const zero = call.optional(index + 2);
    const x = cast(call.input(index), "f64");
    if (!zero) return x;
    const z = cast(zero, "f64");
    const perRow = index === 0 && z.shape.length === 1 && z.shape[0] !== 1;
    return sub(x, perRow ? reshape(z, [...z.shape, 1]) : z);
  };
  return cast(matmul(shifted(0), shifted(1)), integersOf(call));
};

const triangle: Operator = (call) => {
  const offset = call.numbers(1)?.[0] ?? 0;
  const keep = call.int("upper", 1) === 1 ? upperTriangle : lowerTriangle;
  const x = call.input(0);
  if (x.dtype === "bool") return cast(keep(cast(x, "i64"), { offset }), "bool");
  return keep(x, { offset });
};

/** Letters in place of an ellipsis, counted from the right, so that operands of fewer dimensions align. */
function withoutEllipsis(equation: string, ranks: readonly number[]): string {
  if (!equation.includes("...")) return equation;
  const free = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"].filter(
    (c) => !equation.includes(c),
  );
  const [left, right] = equation.split("->");
  const terms = left.split(",");
  const extra = terms.map((term, i) => (term.includes("...") ? ranks[i] - (term.length - 3) : 0));
  const most = Math.max(...extra);
  const letters = free.slice(0, most);
  const shown = (n: number) => letters.slice(most - n).join("");
  const operands = terms.map((term, i) => term.replace("...", shown(extra[i])));
  // Without a right side: the letters of the ellipsis, then those that occur once, in alphabetical order.
  const once = [...left.replaceAll(/[.,]/g, "")].filter((c) => left.split(c).length === 2).sort();
  const result = right === undefined ? letters.join("") + once.join("") : right.replace("...", shown(most));
  return `${operands.join(",")}->${result}`;
}

/** An operand without repeated letters: their diagonal takes the place of the first of them. */
function onDiagonals(x: Tensor, letters: string): readonly [Tensor, string] {
  const second = [...letters].findIndex((letter, i) => letters.indexOf(letter) < i);
  if (second < 0) return [x, letters];
  const first = letters.indexOf(letters[second]);
  const last = x.shape.length - 1;
  const square = moveAxis(moveAxis(x, second, last), first, last - 1);
  const kept = letters.slice(0, second) + letters.slice(second + 1);
  return onDiagonals(moveAxis(diagonal(square), last - 1, first), kept);
}

function einsumOf(call: NodeCall): Tensor {
  const { inputs } = call;
  const equation = withoutEllipsis(
    call.text("equation", "").replaceAll(" ", ""),
    inputs.map(({ shape }) => shape.length),
  );
  const [left, right] = equation.split("->");
  const once = [...left.replaceAll(",", "")].filter((c) => left.split(c).length === 2).sort();
  const operands = left.split(",").map((letters, i) => onDiagonals(inputs[i], letters));
  const terms = operands.map(([, letters]) => letters).join(",");
  return einsum(`${terms}->${right ?? once.join("")}`, ...operands.map(([x]) => x));
}

export const products: Readonly<Record<string, Operator>> = {
  Einsum: einsumOf,
  Gemm: gemm,
  MatMul: (call) => product(call.input(0), call.input(1)),
  MatMulInteger: matmulInteger,
  Trilu: triangle,
};
