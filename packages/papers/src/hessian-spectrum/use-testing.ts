import { array, compile, f64, gradient, i64, type Tensor, toNumbers } from "@gradus/graph";
import { loadDataset } from "gradus/data";
import { softmaxCrossEntropy } from "gradus/losses";
import { mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { parameterLayout } from "gradus/tree";
import { expect } from "vitest";
import { close, dot, numbersIn, topEigenvalue } from "../use-testing.ts";

/** The largest eigenvalue of the loss's Hessian, whose columns are differences of gradients. */
async function irisTopEigenvalue(): Promise<number> {
  const { x, y } = await loadDataset("iris");
  const network = mlp({ inputs: x.columns, hidden: [16], outputs: 3 });
  const parameters = network.parameters({ stream: randomStream(1), dtype: "f64" });
  const layout = parameterLayout(parameters);
  using slopes = await compile(
    ({ theta, x: features, labels }) =>
      gradient((t: Tensor) => softmaxCrossEntropy(network.apply(layout.unpackTensor(t), features), labels))(
        theta,
      ),
    { theta: f64(layout.dimension), x: f64(x.rows, x.columns), labels: i64(x.rows) },
  );
  const theta = layout.pack(parameters);
  const labels = BigInt64Array.from(y, BigInt);
  const slopeAt = async (at: Float64Array) =>
    Float64Array.from(toNumbers(await slopes.run({ theta: at, x: array(x), labels })));
  const h = 1e-5;
  const columns: Float64Array[] = [];
  for (let j = 0; j < theta.length; j++) {
    const [above, below] = [
      await slopeAt(theta.with(j, theta[j] + h)),
      await slopeAt(theta.with(j, theta[j] - h)),
    ];
    columns.push(above.map((value, k) => (value - below[k]) / (2 * h)));
  }
  return topEigenvalue((v) => Float64Array.from(columns, (column) => dot(column, v)), theta.length);
}

/** What the program of this paper must print. */
export default async function check(text: string): Promise<void> {
  const [dimension, , top] = numbersIn(text);
  expect(dimension).toBe(4 * 16 + 16 + 16 * 3 + 3);
  close(top, await irisTopEigenvalue(), 1e-5);
}
