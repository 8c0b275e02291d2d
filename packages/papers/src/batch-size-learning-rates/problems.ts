import type { ArrayValue, Tensor } from "@gradus/graph";
import { softmaxCrossEntropy } from "gradus/losses";
import { convnet, heNormal, type Initializer, type Model, mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import type { AsTensors, Values } from "gradus/tree";
import { imageBatch, scaledImages } from "../shared/images.ts";

/** Rows and their classes. */
export type Labeled<T> = {
  readonly x: T;
  readonly y: T;
};

/** A classifier and what it is trained on. */
export interface ClassifierProblem<P extends Values> {
  /** Name for titles, including the size. */
  readonly name: string;
  readonly data: Labeled<ArrayValue>;
  readonly rows: number;
  /** Logits. */
  readonly model: (parameters: AsTensors<P>, batch: Labeled<Tensor>) => Tensor;
  /** Mean cross-entropy. */
  readonly loss: (parameters: AsTensors<P>, batch: Labeled<Tensor>) => Tensor;
  /** Where the network of a seed starts. */
  start(seed: number): P;
}

function problemOf<P extends Values>(name: string, data: Labeled<ArrayValue>, network: Model<P>) {
  const model: ClassifierProblem<P>["model"] = (parameters, { x }) => network.apply(parameters, x);
  return {
    name,
    data,
    rows: data.x.shape[0],
    model,
    loss: (parameters, batch) => softmaxCrossEntropy(model(parameters, batch), batch.y),
    start: (seed) => network.parameters({ stream: randomStream(seed).split("network"), dtype: "f32" }),
  } satisfies ClassifierProblem<P>;
}

/** Training rows of the digits; the last 297 rows are left out. */
const DIGITS_ROWS = 1500;
const FASHION_ROWS = 10_000;
const initializer: Initializer = heNormal;

/** 64-32-10 on the first 1500 of the bundled 8 x 8 digits, pixels from 0 to 1: 2410 parameters. */
export async function digitsProblem() {
  const images = await scaledImages("digits", "f32", { most: DIGITS_ROWS });
  const network = mlp({ inputs: images.columns, hidden: [32], outputs: 10, initializer });
  return problemOf("digits, 64-32-10", imageBatch(images), network);
}

/** The first 10 000 images of Fashion-MNIST, in the given shape of an image. */
const fashionImages = async (shape: readonly number[]) =>
  imageBatch(await scaledImages("fashion-mnist", "f32", { most: FASHION_ROWS }), { shape });

/** 784-64-10 on Fashion-MNIST: 50 890 parameters. */
export async function fashionProblem() {
  const network = mlp({ inputs: 784, hidden: [64], outputs: 10, initializer });
  return problemOf("Fashion-MNIST, 784-64-10", await fashionImages([784]), network);
}

/** A small network of the kind of LeNet on Fashion-MNIST: two convolutions, one hidden layer. */
export async function fashionConvnetProblem() {
  const network = convnet({
    input: [1, 28, 28],
    stages: [
      { filters: 6, kernel: 5, pool: 2 },
      { filters: 16, kernel: 5, pool: 2 },
    ],
    hidden: [32],
    outputs: 10,
    initializer,
  });
  return problemOf(
    "Fashion-MNIST, convolutions of 6 and 16 filters",
    await fashionImages([1, 28, 28]),
    network,
  );
}
