import { isFloat } from "../../dtype.ts";
import { equal } from "../../ops/compare.ts";
import { gather } from "../../ops/indexing.ts";
import { any } from "../../ops/logical-reduce.ts";
import { argMax } from "../../ops/reduce.ts";
import { cast, where } from "../../ops/select.ts";
import { expandDims } from "../../ops/shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom } from "../values.ts";

/** Whether each entry of x is each of the keys, along a last axis. */
const matches = (x: Tensor, keys: readonly number[]) =>
  equal(expandDims(x, x.shape.length), constantFrom(x.dtype, keys, [keys.length]));

const oneHotEncoder: Operator = (call) => {
  const x = call.input(0);
  const categories = call.ints("cats_int64s") ?? [];
  if (categories.length === 0) return call.refuse("only categories that are integers are supported");
  return cast(matches(cast(x, "i64"), categories), call.importer.float);
};

/** Numbers of an attribute in one of the types that the operator has; text is given by its place in the list. */
function listOf(call: NodeCall, name: "keys" | "values") {
  const [ints, floats, texts] = ["int64s", "floats", "strings"].map((type) =>
    call.node.attributes.get(`${name}_${type}`),
  );
  if (ints && ints.ints.length > 0) return { dtype: "i64", numbers: ints.ints } as const;
  if (floats && floats.floats.length > 0)
    return { dtype: call.importer.float, numbers: floats.floats } as const;
  if (name === "values" && texts && texts.texts.length > 0)
    return { dtype: "i64", numbers: texts.texts.map((_, i) => i) } as const;
  return call.refuse(`only ${name} that are numbers are supported`);
}

/** The value of the key that each entry is; of one that is no key the default. */
const labelEncoder: Operator = (call) => {
  const x = call.input(0);
  const [keys, values] = [listOf(call, "keys"), listOf(call, "values")];
  if (keys.numbers.some(Number.isNaN)) return call.refuse("keys that are NaN are not supported");
  const otherwise = isFloat(values.dtype) ? call.float("default_float", 0) : call.int("default_int64", -1);
  const same = matches(x, keys.numbers);
  const table = constantFrom(values.dtype, values.numbers, [values.numbers.length]);
  const found = gather(table, argMax(cast(same, "f32"), { axis: -1 }));
  return where(any(same, { axes: [-1] }), found, constantFrom(values.dtype, [otherwise], []));
};

/** Operators of the domain ai.onnx.ml that number categories. */
export const encoders: Readonly<Record<string, Operator>> = {
  LabelEncoder: labelEncoder,
  OneHotEncoder: oneHotEncoder,
};
