import {
  add,
  cos,
  div,
  expm1,
  less,
  minimum,
  mul,
  type Operand,
  pow,
  scalar,
  sub,
  type Tensor,
  where,
} from "@gradus/graph";

type Binary = (a: Operand, b: Operand) => Operand;

const binary =
  (onNumbers: (a: number, b: number) => number, onTensors: (a: Operand, b: Operand) => Tensor): Binary =>
  (a, b) =>
    typeof a === "number" && typeof b === "number" ? onNumbers(a, b) : onTensors(a, b);

/** Arithmetic on numbers, and in the graph where a tensor takes part: one definition of a schedule serves both. */
export const plus = binary((a, b) => a + b, add);
export const minus = binary((a, b) => a - b, sub);
export const times = binary((a, b) => a * b, mul);
export const over = binary((a, b) => a / b, div);
export const atMost = binary(Math.min, minimum);

/** base^exponent. */
export function raised(base: Operand, exponent: Operand): Operand {
  if (typeof base !== "number") return pow(base, exponent);
  return typeof exponent === "number" ? base ** exponent : pow(scalar(base, exponent.dtype), exponent);
}

/** e^x - 1, also where it is small. */
export function exponentialLessOne(x: Operand): Operand {
  return typeof x === "number" ? Math.expm1(x) : expm1(x);
}

export function cosine(angle: Operand): Operand {
  return typeof angle === "number" ? Math.cos(angle) : cos(angle);
}

/** `before` where count < boundary, else `after`. */
export function switched(count: Operand, boundary: number, before: Operand, after: Operand): Operand {
  if (typeof count === "number") return count < boundary ? before : after;
  const first = typeof before === "number" ? scalar(before, count.dtype) : before;
  return where(less(count, boundary), first, after);
}
