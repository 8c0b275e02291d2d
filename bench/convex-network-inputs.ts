import type { ArrayValue } from "@gradus/graph";
import type { RandomStream } from "gradus/random";
import { convexNetworkSizes } from "./convex-network-sizes.ts";

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
