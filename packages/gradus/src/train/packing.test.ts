import { add, array, mean, mul, square, sub, sum, type Tensor } from "@gradus/graph";
import { expect, test } from "vitest";
import { randomStream } from "../random/stream.ts";
import { adagrad } from "./adagrad.ts";
import { adam, adamw } from "./adam.ts";
import { exponentialAveraging } from "./average-parameters.ts";
import { compileStep } from "./compile-step.ts";
import { rmsprop } from "./rmsprop.ts";
import { cosineDecay } from "./schedules/cosine-decay.ts";
import { networkLoss, optimizers, regression } from "./test-problem.ts";
import { train } from "./train.ts";
import { chain, type GradientTransformation } from "./transformation.ts";
import { averageGradients } from "./transformations/average-gradients.ts";
import { clipByValue } from "./transformations/clip-by-value.ts";
import { addDecayedWeights } from "./transformations/decayed-weights.ts";

const elementwise: Readonly<Record<string, () => GradientTransformation>> = {
  adam: () => adam({ learningRate: cosineDecay({ initial: 0.02, counts: 12 }) }),
  adagrad: () => adagrad({ learningRate: 0.1, initialAccumulator: 0.1 }),
  "centered rmsprop": () => rmsprop({ learningRate: 0.01, centered: true }),
  adamw: () => adamw({ learningRate: 0.02, weightDecay: 0.1 }),
  "rmsprop with momentum": () => rmsprop({ learningRate: 0.01, momentum: 0.5 }),
  "adam on averages of clipped gradients": () =>
    chain(clipByValue(0.3), averageGradients({ biasCorrection: true }), adam({ learningRate: 0.02 })),
  "clipped adam": () => chain(clipByValue(0.3), adam({ learningRate: 0.02 })),
};

test("what treats each number alike says so; what reads norms or places, or begins with a sum, does not", () => {
  const names = Object.entries(optimizers).flatMap(([name, make]) =>
    make().elementwise === true ? [name] : [],
  );
  expect(names).toStrictEqual([
    "sgd",
    "sgd, 1/sqrt(t)",
    "sgd, exponential",
    "adam",
    "adagrad",
    "rmsprop, centered, with momentum",
  ]);
  for (const make of Object.values(elementwise)) expect(make().elementwise).toBe(true);
  for (const name of ["heavy ball, warm-up by samples", "nesterov"])
    expect(optimizers[name]().elementwise).toBe("behind others");
  expect(chain(addDecayedWeights(0.1), adam({ learningRate: 0.1 })).elementwise).toBe("behind others");
});

test.each(Object.entries(elementwise))(
  "%s, packed, is the update parameter by parameter, bit for bit",
  async (_, make) => {
    for (const dtype of ["f32", "f64"] as const) {
      const run = async (optimizer: GradientTransformation) => {
        const { data, parameters } = regression(dtype);
        const states = [];
        for await (const { state } of train({
          loss: networkLoss,
          parameters,
          data,
          optimizer,
          averaging: exponentialAveraging({ decay: 0.7 }),
          batchSize: 5,
          epochs: 3,
        }))
          states.push(state);
        return states;
      };
      const packed = await run(make());
      expect(packed).toStrictEqual(await run({ ...make(), elementwise: false }));
      expect(packed[3]).not.toStrictEqual(packed[2]);
    }
  },
);

test("large tensors, scalars and empty ones keep their places", async () => {
  const stream = randomStream(3);
  const draw = (shape: readonly number[]) =>
    array(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal()),
      shape,
    );
  const parameters = {
    large: draw([2 ** 16 + 1]),
    scalar: draw([]),
    empty: draw([0, 3]),
    matrix: draw([3, 2]),
    other: draw([2, 2 ** 16]),
  };
  type Parameters = Readonly<Record<keyof typeof parameters, Tensor>>;
  const loss = (p: Parameters, { x }: { readonly x: Tensor }) =>
    add(
      mean(square(sub(x, mul(p.scalar, sum(p.matrix))))),
      [p.large, p.other, p.empty].map((t) => sum(square(t))).reduce((a, b) => add(a, b)),
    );
  const after = async (optimizer: GradientTransformation) => {
    using program = await compileStep({ loss, parameters, data: { x: draw([4]) }, optimizer });
    const x = array(Float32Array.of(1, -2, 3, 0.5));
    return (await program.step(await program.init(), { x })).state;
  };
  const packed = await after(adam({ learningRate: 0.1 }));
  expect(packed).toStrictEqual(await after({ ...adam({ learningRate: 0.1 }), elementwise: false }));
  expect(packed.parameters.matrix).not.toStrictEqual(parameters.matrix);
});
