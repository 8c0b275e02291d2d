import type { ArrayValue } from "@gradus/graph";
import { teacherNetwork } from "gradus/data";
import { twoLayerReluStart } from "gradus/objectives";
import type { RandomStream } from "gradus/random";
import { stabilitySizes } from "./stability-sizes.ts";

/** Jacobians, and a two-layer ReLU network with its examples, its start and the order of its steps. */
export function addStabilityInputs(
  add: (name: string, value: ArrayValue) => void,
  stream: RandomStream,
  seed: number,
): void {
  const floats = (name: string, values: Float64Array, shape: readonly number[]) =>
    add(name, { dtype: "f32", shape, data: Float32Array.from(values) });
  const { jacobians, network, experiment } = stabilitySizes;
  for (const [name, [rows, columns]] of Object.entries(jacobians))
    floats(`stability.${name}`, stream.split(name).fillNormal(new Float64Array(rows * columns)), [
      rows,
      columns,
    ]);
  const { features: d, hidden: m, examples: n, teacher } = network;
  const data = teacherNetwork({ n, d, hidden: teacher, inputs: "sphere", directions: "sphere", seed });
  const start = twoLayerReluStart(network, { seed });
  floats("stability.x", data.x.values, [n, d]);
  floats("stability.y", data.y, [n]);
  floats("stability.W", start.subarray(0, m * d), [m, d]);
  floats("stability.a", start.subarray(m * d), [m]);
  const order = stream.split("order");
  const data64 = BigInt64Array.from({ length: experiment.sgdSteps }, () => BigInt(order.integer(n)));
  add("stability.order", { dtype: "i64", shape: [experiment.sgdSteps], data: data64 });
}
