import type { ArrayValue } from "@gradus/graph";
import { randomStream } from "gradus/random";
import { addBlockCoordinateInputs } from "./block-coordinate-inputs.ts";
import { addCollaborativeInputs } from "./collaborative-inputs.ts";
import { addConvexNetworkInputs } from "./convex-network-inputs.ts";
import { addDiffusionInputs } from "./diffusion-inputs.ts";
import { addDirectionInputs } from "./direction-inputs.ts";
import { addFittingInputs } from "./fitting-inputs.ts";
import { addImportedInputs } from "./imported-inputs.ts";
import { exportedModel } from "./imported-models.ts";
import type { Inputs } from "./input-files.ts";
import { sizes } from "./sizes.ts";
import { sparsePattern } from "./sparse-pattern.ts";
import { addStabilityInputs } from "./stability-inputs.ts";

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
  const uniform = (name: string, shape: readonly number[]) => {
    const stream = randomStream(seed).split(name);
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.uniform(-1, 1));
    arrays[name] = { dtype: "f32", shape, data };
  };
  const integers = (name: string, shape: readonly number[], below: number) => {
    const stream = randomStream(seed).split(name);
    const length = shape.reduce((a, b) => a * b, 1);
    const data = BigInt64Array.from({ length }, () => BigInt(Math.floor(below * stream.uniform())));
    arrays[name] = { dtype: "i64", shape, data };
  };

  for (const order of sizes.matmul) {
    normal(`matmul.${order}.a`, [order, order]);
    normal(`matmul.${order}.b`, [order, order]);
  }

  for (const order of sizes.dense) {
    normal(`dense.${order}.a`, [order, order]);
    normal(`dense.${order}.x`, [order]);
  }
  for (const order of sizes.eigen) normal(`eigen.${order}`, [order, order]);
  for (const [rows, columns] of sizes.orthogonal) normal(`orthogonal.${rows}x${columns}`, [rows, columns]);
  for (const name of ["slopes", "biases"]) uniform(`least-squares.${name}`, [sizes.leastSquares.columns]);

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

  const { side, channels, kernel, ...images } = sizes.convolutional;
  const flat = channels[1] * (side / 4) ** 2;
  const [first, second] = [
    [channels[0], 1, kernel, kernel],
    [channels[1], channels[0], kernel, kernel],
  ];
  // the vector of the Hessian-vector product has names that begin with v
  for (const [prefix, scale] of [
    ["", 1],
    ["v", 0.1],
  ] as const) {
    normal(`convolutional.${prefix}w1`, first, scale * Math.sqrt(2 / kernel ** 2));
    normal(`convolutional.${prefix}b1`, [channels[0]], 0.1);
    normal(`convolutional.${prefix}w2`, second, scale * Math.sqrt(2 / (channels[0] * kernel ** 2)));
    normal(`convolutional.${prefix}b2`, [channels[1]], 0.1);
    normal(`convolutional.${prefix}w3`, [flat, images.classes], scale * Math.sqrt(1 / flat));
    normal(`convolutional.${prefix}b3`, [images.classes], 0.1);
  }
  normal("convolutional.x", [images.batch, 1, side, side]);
  integers("convolutional.y", [images.batch], images.classes);

  const { inputs, hidden, classes, batch: examples } = sizes.spectrum;
  normal("spectrum.w1", [inputs, hidden], Math.sqrt(1 / inputs));
  normal("spectrum.b1", [hidden], 0.1);
  normal("spectrum.w2", [hidden, classes], Math.sqrt(1 / hidden));
  normal("spectrum.b2", [classes], 0.1);
  normal("spectrum.x", [examples, inputs]);
  integers("spectrum.y", [examples], classes);
  normal("spectrum.start", [(inputs + 1) * hidden + (hidden + 1) * classes]);

  for (const [name, { rows, columns, perRow }] of Object.entries(sizes.sparse)) {
    const { pointers, indices } = sparsePattern(
      randomStream(seed).split(`sparse.${name}`),
      rows,
      columns,
      perRow,
    );
    arrays[`sparse.${name}.pointers`] = {
      dtype: "i64",
      shape: [rows + 1],
      data: BigInt64Array.from(pointers, BigInt),
    };
    arrays[`sparse.${name}.indices`] = {
      dtype: "i64",
      shape: [indices.length],
      data: BigInt64Array.from(indices, BigInt),
    };
    normal(`sparse.${name}.values`, [indices.length]);
    normal(`sparse.${name}.x`, [columns]);
    normal(`sparse.${name}.y`, [rows]);
  }

  // of twelve draws the one whose optima have 54 and 230 weights, nearest to the 51 and 250 of the published workloads
  addBlockCoordinateInputs((name, value) => {
    arrays[name] = value;
  }, randomStream(seed).split("block coordinate 11"));

  addConvexNetworkInputs((name, value) => {
    arrays[name] = value;
  }, randomStream(seed).split("convex-network"));
  addDiffusionInputs((name, value) => {
    arrays[name] = value;
  }, randomStream(seed).split("diffusion"));
  addDirectionInputs((name, value) => {
    arrays[name] = value;
  }, randomStream(seed).split("direction"));
  for (const name of ["residual", "transformer"] as const)
    addImportedInputs(
      name,
      exportedModel(name),
      (place, value) => {
        arrays[place] = value;
      },
      randomStream(seed).split("imported"),
    );
  addStabilityInputs(
    (name, value) => {
      arrays[name] = value;
    },
    randomStream(seed).split("stability"),
    seed,
  );

  addFittingInputs((name, value) => {
    arrays[name] = value;
  }, randomStream(seed).split("fitting"));

  addCollaborativeInputs((name, value) => {
    arrays[name] = value;
  }, seed);

  uniform("newton.log-sum-exp.A", [sizes.newton.logSumExp, sizes.newton.logSumExp]);
  uniform("newton.log-sum-exp.b", [sizes.newton.logSumExp]);
  uniform("newton.residual.A", [sizes.newton.residual.rows, 2 * sizes.newton.residual.rows]);
  uniform("newton.residual.b", [sizes.newton.residual.rows]);

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
