import { constant, type Tensor } from "@gradus/graph";
import { test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { convnet } from "./convnet.ts";
import { mlp } from "./mlp.ts";
import { resNet } from "./res-net.ts";
import { residualMlp } from "./residual-mlp.ts";
import { assertGradient, normals } from "./test-support.ts";
import { uNet } from "./u-net.ts";
import { vgg } from "./vgg.ts";

const start = () => ({ stream: randomStream(1), dtype: "f64" }) as const;

function asTensor(seed: number, ...shape: number[]): Tensor {
  const { data } = normals(seed, shape);
  return constant(data, shape);
}

test.each([
  ["an MLP", mlp({ inputs: 3, hidden: [5, 4], outputs: 2, activation: "tanh" })],
  [
    "an MLP of sines in the NTK parametrization",
    mlp({ inputs: 3, hidden: [5], outputs: 2, activation: "sine", ntk: {} }),
  ],
])("the gradient of %s is that of central differences", async (_, model) => {
  await assertGradient(model.parameters(start()), (p) => model.apply(p, asTensor(2, 4, 3)));
});

test("the gradient of a residual MLP with times is that of central differences", async () => {
  const model = residualMlp({ inputs: 2, width: 6, blocks: 2, outputs: 2, time: { features: 4 } });
  await assertGradient(model.parameters(start()), (p) => model.apply(p, asTensor(2, 5, 2), asTensor(3, 5)));
});

test.each(["max", "average"] as const)(
  "the gradient of a convnet with %s pooling is that of central differences",
  async (pooling) => {
    const model = convnet({
      input: [2, 8, 8],
      stages: [
        { filters: 3, kernel: 3, padding: "same", pool: 2 },
        { filters: 4, kernel: 3, strides: 2 },
      ],
      hidden: [5],
      outputs: 3,
      pooling,
      activation: "silu",
    });
    await assertGradient(model.parameters(start()), (p) => model.apply(p, asTensor(2, 3, 2, 8, 8)));
  },
);

test("the gradient of a VGG in training, its statistics and dropped units included, is that of central differences", async () => {
  const model = vgg({ input: [1, 4, 4], stages: [[3], [4]], hidden: [6], outputs: 2 });
  const counter = constant(BigInt64Array.of(5n), []);
  const statistics = [3, 4].map((n) => ({ mean: asTensor(1, n), variance: asTensor(1, n) }));
  await assertGradient(
    model.parameters(start()),
    (p) => model.applyTraining(p, { statistics, dropout: { counter } }, asTensor(2, 8, 1, 4, 4)).output,
    { step: 1e-6, tolerance: 1e-5 },
  );
});

test.each(["batch", { groups: 2 }] as const)(
  "the gradient of a residual network with normalization %o is that of central differences",
  async (normalization) => {
    const stages = [
      { filters: 2, blocks: 1 },
      { filters: 4, blocks: 1 },
    ];
    const model = resNet({ channels: 1, stages, outputs: 3, normalization });
    const statistics = [2, 2, 2, 4, 4, 4].map((n) => ({ mean: asTensor(1, n), variance: asTensor(1, n) }));
    await assertGradient(
      model.parameters(start()),
      (p) => model.applyTraining(p, statistics, asTensor(2, 4, 1, 4, 4)).output,
      { step: 1e-6, tolerance: 1e-5 },
    );
  },
);

test.each([1, 2, 3] as const)(
  "the gradient of a U-Net in %i dimensions with times is that of central differences",
  async (dimension) => {
    const model = uNet({
      dimension,
      channels: 1,
      filters: [4, 6],
      blocks: 1,
      groups: 2,
      time: { features: 4, width: 5 },
    });
    const sizes = new Array<number>(dimension).fill(4);
    await assertGradient(
      model.parameters(start()),
      (p) => model.apply(p, asTensor(2, 2, 1, ...sizes), asTensor(3, 2)),
      { tolerance: 1e-5 },
    );
  },
);
