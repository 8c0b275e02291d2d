import {
  type ArrayValue,
  array,
  isArrayValue,
  type NamedSpec,
  type OnnxModel,
  toNumbers,
} from "@gradus/graph";
import { ArgumentError } from "gradus/check";
import { batchAxes, type ModelInputOptions } from "gradus/models";
import { UsageError } from "../errors.ts";

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);

/** The numbers of an array with one axis moved to another place. */
function movedAxis(given: ArrayValue, from: number, to: number): ArrayValue {
  if (from === to) return given;
  const { shape, dtype } = given;
  const data = toNumbers(given);
  const order = [...shape.keys()];
  order.splice(to, 0, ...order.splice(from, 1));
  const moved = order.map((axis) => shape[axis]);
  const strides = shape.map((_, axis) => product(shape.slice(axis + 1)));
  const out = new Float64Array(data.length);
  for (let i = 0; i < out.length; i++) {
    let [rest, at] = [i, 0];
    for (let k = moved.length - 1; k >= 0; k--) {
      at += (rest % moved[k]) * strides[order[k]];
      rest = Math.floor(rest / moved[k]);
    }
    out[i] = data[at];
  }
  return array(dtype === "f32" ? Float32Array.from(out) : out, moved);
}

/** An input of a number of rows with one number everywhere, or with the numbers of a list. */
function filled(
  { spec }: NamedSpec,
  axis: number,
  rows: number,
  value: number | readonly number[],
): ArrayValue {
  const open = spec.shape.map((d, k) => (typeof d === "number" ? d : k === axis ? rows : 1));
  const [values, shape] =
    typeof value === "number"
      ? [new Array<number>(product(open)).fill(value), open]
      : [value, [value.length]];
  switch (spec.dtype) {
    case "f32":
      return array(Float32Array.from(values), shape);
    case "f64":
      return array(Float64Array.from(values), shape);
    case "i64":
      return array(BigInt64Array.from(values, BigInt), shape);
    case "bool":
      return { dtype: "bool", shape, data: Uint8Array.from(values) };
  }
}

/**
 * A session whose inputs and outputs have their rows first, and whose constant inputs are filled in.
 *
 * @throws UsageError for a name that no input has
 */
export function arrangedSession(session: OnnxModel, options: ModelInputOptions): OnnxModel {
  const { constants = {}, batchAxes: chosen = {} } = options;
  const names = session.inputs.map(({ name }) => name);
  for (const name of [...Object.keys(constants), ...Object.keys(chosen)])
    if (!names.includes(name))
      throw new UsageError(`the model has no input ${name}; its inputs are ${names.join(", ")}`);
  const own = batchAxes(session.inputs);
  const free = session.inputs.filter(({ name }) => !Object.hasOwn(constants, name));
  const guessed = batchAxes(free);
  const axes = free.map(({ name }, i) => chosen[name] ?? guessed[i]);
  const first = ({ name, spec }: NamedSpec, axis: number): NamedSpec => {
    const order = [...spec.shape.keys()];
    order.unshift(...order.splice(axis, 1));
    return { name, spec: { ...spec, shape: order.map((k) => spec.shape[k]) } };
  };
  const batch = free[0]?.spec.shape[axes[0]];
  const rowsOf = ({ spec }: NamedSpec) => Math.max(0, spec.shape.indexOf(batch ?? -1));
  return {
    ...session,
    inputs: free.map((input, i) => first(input, axes[i])),
    outputs: session.outputs.map((output) => first(output, rowsOf(output))),
    async run(given) {
      const placed: [string, ArrayValue][] = [];
      for (const [i, { name }] of free.entries()) {
        const value = given[name];
        if (typeof value !== "object" || !("shape" in value))
          throw new ArgumentError(`the input ${name} must be an array of rows`);
        placed.push([name, movedAxis(value, 0, axes[i])]);
      }
      const rows = placed[0]?.[1].shape[axes[0]] ?? 1;
      for (const [i, input] of session.inputs.entries())
        if (Object.hasOwn(constants, input.name)) {
          const value = constants[input.name];
          placed.push([input.name, isArrayValue(value) ? value : filled(input, own[i], rows, value)]);
        }
      const results = await session.run(Object.fromEntries(placed));
      return Object.fromEntries(
        session.outputs.map((output) => [output.name, movedAxis(results[output.name], rowsOf(output), 0)]),
      );
    },
  };
}
