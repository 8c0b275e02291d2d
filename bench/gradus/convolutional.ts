import {
  type ArrayValue,
  add,
  compile,
  convolution,
  f32,
  hessianVectorProduct,
  i64,
  matmul,
  maxPool,
  relu,
  reshape,
  type Tensor,
  valueAndGradient,
} from "@gradus/graph";
import { softmaxCrossEntropy } from "gradus/losses";
import { sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";
import { type Context, descend, dot, norm } from "./context.ts";
import { trainingCase } from "./training-case.ts";

const { batch, side, channels, kernel, classes, learningRate } = sizes.convolutional;
const names = ["w1", "b1", "w2", "b2", "w3", "b3"] as const;
const flat = channels[1] * (side / 4) ** 2;

type Parameters<T> = Readonly<Record<(typeof names)[number], T>>;

const parameters = {
  w1: f32(channels[0], 1, kernel, kernel),
  b1: f32(channels[0]),
  w2: f32(channels[1], channels[0], kernel, kernel),
  b2: f32(channels[1]),
  w3: f32(flat, classes),
  b3: f32(classes),
};
const data = { x: f32(batch, 1, side, side), y: i64(batch) };

function load({ inputs }: Context, prefix: "" | "v"): Parameters<ArrayValue> {
  const [w1, b1, w2, b2, w3, b3] = names.map((name) => inputs[`convolutional.${prefix}${name}`]);
  return { w1, b1, w2, b2, w3, b3 };
}

function block(x: Tensor, weights: Tensor, bias: Tensor): Tensor {
  const perChannel = reshape(bias, [Number(bias.shape[0]), 1, 1]);
  return maxPool(relu(add(convolution(x, weights, { padding: 1 }), perChannel)), { size: [2, 2] });
}

function loss({ w1, b1, w2, b2, w3, b3 }: Parameters<Tensor>, x: Tensor, y: Tensor): Tensor {
  const features = block(block(x, w1, b1), w2, b2);
  return softmaxCrossEntropy(add(matmul(reshape(features, [batch, flat]), w3), b3), y);
}

/** A training step a call: the parameters go in and come out each time. */
export async function convolutionalStep(context: Context): Promise<Runner> {
  const program = await compile(
    (given) => {
      const { value, gradient } = valueAndGradient(loss)(given.parameters, given.x, given.y);
      return { loss: value, parameters: descend(given.parameters, gradient, learningRate) };
    },
    { parameters, ...data },
    context.options,
  );
  const { "convolutional.x": x, "convolutional.y": y } = context.inputs;
  return trainingCase({ start: load(context, ""), run: (parameters) => program.run({ parameters, x, y }) });
}

export async function convolutionalProduct(context: Context): Promise<Runner> {
  const program = await compile(
    (given) => hessianVectorProduct(loss)(given.parameters, given.vector, given.x, given.y),
    { parameters, vector: parameters, ...data },
    context.options,
  );
  const { "convolutional.x": x, "convolutional.y": y } = context.inputs;
  const values = { parameters: load(context, ""), vector: load(context, "v"), x, y };
  return {
    reset() {},
    call: () => program.run(values),
    unitsPerCall: 1,
    async check() {
      const product = Object.values(await program.run(values));
      return [norm(product), dot(product, Object.values(values.vector))];
    },
  };
}
