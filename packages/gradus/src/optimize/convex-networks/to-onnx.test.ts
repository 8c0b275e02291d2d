import { array, floatData, loadOnnx } from "@gradus/graph";
import { expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import type { ReluNetwork } from "./network.ts";
import { networkToOnnx } from "./to-onnx.ts";

const [d, m, n] = [5, 16, 9];
const normal = (seed: number, count: number) => randomStream(seed).fillNormal(new Float64Array(count));
const network: ReluNetwork = {
  hidden: denseMatrix(normal(1, d * m), d, m),
  biases: normal(2, m),
  outputs: normal(3, m),
};

/** The network by plain loops in float64, at raw inputs. */
function expected(raw: Float32Array, mean: number, scale: number): number[] {
  return Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < m; k++) {
      let h = network.biases[k];
      for (let j = 0; j < d; j++) h += ((raw[i * d + j] - mean) / scale) * network.hidden.values[j * m + k];
      sum += Math.max(0, h) * network.outputs[k];
    }
    return sum;
  });
}

test.each([
  [0, 1],
  [300, 1],
  [1e6 + 1 / 3, 1],
  [1e-3, 1e-6],
  [-5e8, 1e4],
])(
  "a float32 file of raw inputs keeps its digits where the mean is %d and the scale %d",
  async (mean, scale) => {
    const standardization = { mean: Array(d).fill(mean), scale: Array(d).fill(scale) };
    using model = await loadOnnx(networkToOnnx(network, { standardization }));
    const raw = Float32Array.from(normal(4, n * d), (x) => mean + scale * x);
    const exact = expected(raw, mean, scale);
    const size = Math.max(...exact.map(Math.abs));
    for (const rows of [n, 1, 0]) {
      const { outputs } = await model.run({ x: array(raw.slice(0, rows * d), [rows, d]) });
      const found = Array.from(floatData(outputs));
      expect(found.length).toBe(rows);
      found.forEach((value, i) => {
        expect(Math.abs(value - exact[i])).toBeLessThan(2e-6 * size);
      });
    }
  },
);

test("refuses scales and means that float32 does not hold", () => {
  const given = (mean: number, scale: number) => ({
    standardization: { mean: Array(d).fill(mean), scale: Array(d).fill(scale) },
  });
  expect(() => networkToOnnx(network, given(0, 1e-40))).toThrow(
    "weights of raw inputs must be within ±3.4e38",
  );
  expect(() => networkToOnnx(network, given(1e39, 1))).toThrow("center of raw inputs must be within ±3.4e38");
  expect(() => networkToOnnx(network, { ...given(0, 1e-40), dtype: "f64" })).not.toThrow();
});
