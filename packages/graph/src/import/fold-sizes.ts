import { toNumbers } from "../arrays.ts";
import { areEqual, differenceOf, productOf, quotientOf, sumOf } from "../dimension-polynomials.ts";
import { isFloat } from "../dtype.ts";
import type { Dimension } from "../shape.ts";
import type { NodeCall } from "./node-call.ts";
import { constantFrom, dimensionsOf, isSequence, isSizes, tensorOf, type Value } from "./values.ts";

/** Entry by entry, a single number on one side with each of the other; undefined where one entry has no result. */
function each<T>(
  [a, b]: readonly (readonly Dimension[])[],
  f: (x: Dimension, y: Dimension) => T | undefined,
): T[] | undefined {
  const length = a.length === 1 ? b.length : a.length;
  if (b.length !== length && b.length !== 1) return undefined;
  const results: T[] = [];
  for (let i = 0; i < length; i++) {
    const result = f(a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i]);
    if (result === undefined) return undefined;
    results.push(result);
  }
  return results;
}

/** ONNX's division of integers, which rounds toward 0; undefined where what is left depends on the named dimensions. */
function quotient(x: Dimension, y: Dimension): Dimension | undefined {
  if (typeof x === "string" || typeof y === "string") return quotientOf([x], [y]);
  return y === 0 ? undefined : Math.trunc(x / y);
}

const arithmetic: Readonly<Record<string, (x: Dimension, y: Dimension) => Dimension | undefined>> = {
  Add: sumOf,
  Div: quotient,
  Mul: (x, y) => productOf([x, y]),
  Sub: differenceOf,
};

/** The result of a node on integers of which some are sizes that each run determines; undefined where it is no size. */
export function foldSizes(call: NodeCall): Value | undefined {
  const { opType, domain } = call.node;
  const { values } = call;
  if (values.some((value) => value && isSequence(value))) return undefined;
  const isNamed = (value: Value | undefined) =>
    value !== undefined && isSizes(value) && value.sizes.some((d) => typeof d === "string");
  if (domain !== "" || !values.some(isNamed)) return undefined;
  const operands = values.map((value) => value && dimensionsOf(value));
  const single = values.every(
    (value) => value && (isSizes(value) ? value.single : tensorOf(value).shape.length === 0),
  );
  const [a, b, c] = operands;
  const sizes = (result: readonly Dimension[] | undefined, alone = single) =>
    result && { sizes: result, single: alone };
  switch (opType) {
    case "Cast":
      return isFloat(call.importer.elementType(call.int("to", 0), call.label)) ? undefined : values[0];
    case "Identity":
      return values[0];
    case "Neg":
      return a && sizes(a.map((d) => differenceOf(0, d)));
    case "ReduceProd":
      return a && sizes([productOf(a)], call.int("keepdims", 1) === 0);
    case "Reshape": {
      if (!a || !isNamed(values[0]) || !b || b.length > 1) return undefined;
      const [length = 1] = b;
      return length === -1 || length === a.length ? sizes(a, b.length === 0) : undefined;
    }
    case "Equal": {
      const equal = a && b && each([a, b], areEqual);
      return equal && constantFrom("bool", equal.map(Number), single ? [] : [equal.length]);
    }
    case "Where": {
      const on = call.known(0);
      if (!on || on.shape.length > 1 || !b || !c) return undefined;
      const length = Math.max(on.data.length, b.length, c.length);
      const chosen = toNumbers(on);
      const at = <T>(list: readonly T[], i: number) => list[list.length === 1 ? 0 : i];
      return sizes(Array.from({ length }, (_, i) => (at(chosen, i) ? at(b, i) : at(c, i))));
    }
    default:
      if (!Object.hasOwn(arithmetic, opType)) return undefined;
      return a && b && sizes(each([a, b], arithmetic[opType]));
  }
}
