import {
  add,
  array,
  compile,
  concat,
  f32,
  flattenTensors,
  i64,
  item,
  mul,
  norm,
  reshape,
  specsOf,
  type Tensor,
  type TensorSpec,
  type Tree,
} from "@gradus/graph";
import { loadDataset } from "../data/bundled.ts";
import { accuracy } from "../losses/accuracy.ts";
import { softmaxCrossEntropy } from "../losses/traced/cross-entropy.ts";
import { uniformByInputs } from "../nn/initializers.ts";
import type { Model } from "../nn/model.ts";
import { mlp } from "../nn/models/mlp.ts";
import { randomStream } from "../random/stream.ts";
import type { AsTensors, Values, ValuesOf } from "../tree/arrays.ts";
/** Labeled images, split into training and test rows. */
export interface LabeledImages {
  readonly d: number;
  readonly train: { readonly x: Float32Array; readonly y: Uint8Array };
  readonly test: { readonly x: Float32Array; readonly y: Uint8Array };
}

const TEST_ROWS = 360;

/** The bundled 8 x 8 digits in random order, pixels in [0, 1]: 1437 training rows and 360 test rows. */
export async function shuffledDigits(seed: number): Promise<LabeledImages> {
  const { x, y } = await loadDataset("digits");
  const order = randomStream(seed).split("rows").permutation(x.rows);
  const part = (rows: Int32Array) => {
    const pixels = new Float32Array(rows.length * x.columns);
    rows.forEach((row, i) => {
      for (let k = 0; k < x.columns; k++) pixels[i * x.columns + k] = x.values[row * x.columns + k] / 16;
    });
    return { x: pixels, y: Uint8Array.from(rows, (row) => y[row]) };
  };
  return { d: x.columns, train: part(order.subarray(TEST_ROWS)), test: part(order.subarray(0, TEST_ROWS)) };
}

/** A network for the 8 x 8 digits: 64-32-10, weights and biases uniform on [-1, 1]/sqrt(inputs). */
export const digitsNetwork = mlp({
  inputs: 64,
  hidden: [32],
  outputs: 10,
  initializer: uniformByInputs,
  biasInitializer: uniformByInputs,
});

/**
 * Cross-entropy plus `strength` times the Euclidean norm of all parameters: the norm, not its square, as in the
 * authors' code for MoNNA (Farhadkhani et al. 2023).
 *
 * @param shapeOf maps a batch [rows, d] to the network's input
 */
export function normRegularizedLoss<P extends ValuesOf<P>>(
  network: Model<P>,
  strength: number,
  shapeOf: (x: Tensor) => Tensor = (x) => x,
) {
  return (parameters: AsTensors<P>, batch: { readonly x: Tensor; readonly y: Tensor }): Tensor => {
    const numbers = flattenTensors(parameters).leaves.map((leaf) =>
      reshape(leaf, [leaf.shape.reduce<number>((size, next) => size * Number(next), 1)]),
    );
    const crossEntropy = softmaxCrossEntropy(network.apply(parameters, shapeOf(batch.x)), batch.y);
    return add(crossEntropy, mul(norm(concat(numbers)), strength));
  };
}

/** Compiles a function from parameters to their accuracy on the test rows. */
export async function testAccuracy<P extends ValuesOf<P>>(
  network: Model<P>,
  like: P,
  { d, test }: LabeledImages,
  shapeOf: (x: Tensor) => Tensor = (x) => x,
) {
  const x = array(test.x, [test.y.length, d]);
  const y = array(BigInt64Array.from(test.y, (label) => BigInt(label)));
  const program = await compile(
    (given) => accuracy(network.apply(given.parameters as AsTensors<P>, shapeOf(given.x)), given.y),
    {
      parameters: specsOf<Values>(like) as Tree<TensorSpec>,
      x: f32(test.y.length, d),
      y: i64(test.y.length),
    },
  );
  return {
    of: async (parameters: P): Promise<number> => item(await program.run({ parameters, x, y })),
    [Symbol.asyncDispose]: () => program.dispose(),
  };
}
