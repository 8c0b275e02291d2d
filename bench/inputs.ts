import type { ArrayValue } from "@gradus/graph";
import { randomStream } from "gradus";
import { sizes } from "./cases.ts";
import type { Inputs } from "./input-files.ts";

/** The seeded inputs of all cases, by name. Floating-point values are float32; a float64 case widens them. */
export function makeInputs(seed: number): Inputs {
  const arrays: Record<string, ArrayValue> = {};
  const normal = (name: string, shape: readonly number[], deviation = 1) => {
    const stream = randomStream(seed).split(name);
    const data = Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => deviation * stream.normal(),
    );
    arrays[name] = { dtype: "f32", shape, data };
    return data;
  };
  const integers = (name: string, shape: readonly number[], below: number) => {
    const stream = randomStream(seed).split(name);
    const length = shape.reduce((a, b) => a * b, 1);
    const data = BigInt64Array.from({ length }, () => BigInt(Math.floor(below * stream.uniform())));
    arrays[name] = { dtype: "i64", shape, data };
  };

  for (const name of ["small", "wide"] as const) {
    const { inputs, hidden, classes, rows } = sizes[name];
    normal(`${name}.w1`, [inputs, hidden], Math.sqrt(2 / inputs));
    normal(`${name}.b1`, [hidden], 0.01);
    normal(`${name}.w2`, [hidden, classes], Math.sqrt(2 / hidden));
    normal(`${name}.b2`, [classes], 0.01);
    normal(`${name}.x`, [rows, inputs]);
    integers(`${name}.y`, [rows], classes);
  }
  integers("small.order", [sizes.small.steps, sizes.small.batch], sizes.small.rows);

  const { layers, width, batch } = sizes.deep;
  for (let i = 0; i < layers; i++) {
    normal(`deep.w${i}`, [width, width], Math.sqrt(1 / width));
    normal(`deep.b${i}`, [width], 0.1);
    normal(`deep.vw${i}`, [width, width], 0.1);
    normal(`deep.vb${i}`, [width], 0.1);
  }
  normal("deep.x", [batch, width]);
  normal("deep.y", [batch, width]);

  const { rows: n, features } = sizes.linear;
  const x = normal("linear.x", [n, features]);
  const direction = normal("linear.direction", [features], 1 / Math.sqrt(features));
  const noise = randomStream(seed).split("linear.noise");
  const score = Float64Array.from({ length: n }, (_, i) => {
    let sum = noise.normal();
    for (let j = 0; j < features; j++) sum += x[i * features + j] * direction[j];
    return sum;
  });
  const cut = score.toSorted()[Math.floor(0.9 * n)];
  arrays["linear.y"] = { dtype: "f32", shape: [n], data: Float32Array.from(score, (s) => (s > cut ? 1 : 0)) };
  return arrays;
}
