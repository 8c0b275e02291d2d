import { type ArrayValue, array, type Tensor } from "@gradus/graph";
import { loadDataset, loadMnist } from "gradus/data";
import { softmaxCrossEntropy } from "gradus/losses";
import { convnet, heNormal, type Initializer, type Model, mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import type { AsTensors, Values } from "gradus/tree";

/** Rows and their classes. */
export type Labeled<T> = {
  readonly x: T;
  readonly y: T;
};

/** A classifier and what it is trained on. */
export interface ClassifierProblem<P extends Values> {
  /** For titles, with its size. */
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

const labels = (y: ArrayLike<number>, rows: number): ArrayValue =>
  array(BigInt64Array.from({ length: rows }, (_, i) => BigInt(y[i])));

/** Rows of the digits that are trained on; the last 297 stay out. */
const DIGITS_ROWS = 1500;
const FASHION_ROWS = 10_000;
const initializer: Initializer = heNormal;

/** 64-32-10 on the first 1500 of the bundled 8 x 8 digits, pixels from 0 to 1: 2410 parameters. */
export async function digitsProblem() {
  const { x, y } = await loadDataset("digits");
  const pixels = Float32Array.from(x.values.subarray(0, DIGITS_ROWS * x.columns), (value) => value / 16);
  const images = array(pixels, [DIGITS_ROWS, x.columns]);
  const network = mlp({ inputs: x.columns, hidden: [32], outputs: 10, initializer });
  return problemOf("digits, 64-32-10", { x: images, y: labels(y, DIGITS_ROWS) }, network);
}

/** The first 10 000 images of Fashion-MNIST, pixels from 0 to 1, in the given shape of an image. */
async function fashionImages(shape: readonly number[]): Promise<Labeled<ArrayValue>> {
  const { pixels, height, width, labels: y } = await loadMnist({ set: "fashion-mnist", split: "train" });
  const x = Float32Array.from(pixels.subarray(0, FASHION_ROWS * height * width), (value) => value / 255);
  return { x: array(x, [FASHION_ROWS, ...shape]), y: labels(y, FASHION_ROWS) };
}

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
