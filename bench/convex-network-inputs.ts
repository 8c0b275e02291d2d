import type { ArrayValue } from "@gradus/graph";
import { loadMnist } from "gradus/data";
import { type RandomStream, randomStream } from "gradus/random";
import { convexNetworkSizes, imageNetworkSizes } from "./convex-network-sizes.ts";
import type { Inputs } from "./input-files.ts";

/** Outputs of hidden units with random unit directions on normal rows, and targets of a small teacher. */
export function addConvexNetworkInputs(
  add: (name: string, value: ArrayValue) => void,
  stream: RandomStream,
): void {
  const { inputs: d, directions: N, rows } = convexNetworkSizes;
  const unit = stream.split("directions");
  const U = Array.from({ length: N }, () => unit.unitSphere(d));
  for (const n of rows) {
    const own = stream.split(n);
    const features = new Float32Array(n * N);
    const targets = new Float32Array(n);
    for (let k = 0; k < n; k++) {
      const x = own.fillNormal(new Float64Array(d));
      const input = (u: Float64Array) =>
        Math.max(
          0,
          u.reduce((sum, value, j) => sum + value * x[j], 0),
        );
      for (let j = 0; j < N; j++) features[k * N + j] = input(U[j]);
      targets[k] = [1, -1, 1, -1, 1].reduce(
        (sum, sign, t) => sum + 3 * sign * input(U[t]),
        0.3 * own.normal(),
      );
    }
    add(`convex-network.${n}.features`, { dtype: "f32", shape: [n, N], data: features });
    add(`convex-network.${n}.targets`, { dtype: "f32", shape: [n], data: targets });
  }
}

/** Rows of pixels from 0 to 1, and labels of 1 for the first class and -1 for the second. */
export async function imageNetworkInputs(seed: number): Promise<Inputs> {
  const { classes, rows, pixels } = imageNetworkSizes;
  const { pixels: levels, width, labels } = await loadMnist({ split: "test" });
  const chosen = Array.from(labels.keys()).filter((row) => classes.some((one) => one === labels[row]));
  randomStream(seed).split("convex-network images").shuffle(chosen);
  const x = new Float32Array(rows * pixels);
  const y = Float32Array.from(chosen.slice(0, rows), (row) => (labels[row] === classes[0] ? 1 : -1));
  chosen.slice(0, rows).forEach((row, k) => {
    for (let at = 0; at < width * width; at++) {
      const [i, j] = [Math.floor(at / width), at % width];
      const square = Math.floor(i / 2) * (width / 2) + Math.floor(j / 2);
      x[k * pixels + square] += levels[row * width * width + at] / (4 * 255);
    }
  });
  return {
    "convex-network.images.x": { dtype: "f32", shape: [rows, pixels], data: x },
    "convex-network.images.y": { dtype: "f32", shape: [rows], data: y },
  };
}
