import { innerProduct, meanVector, zerosAs } from "../vector.ts";
import type { CoordinateRule } from "./rule.ts";

/** The mean of all received models, as in fault-free distributed SGD; a single Byzantine node can move it anywhere. */
export function plainMean(): CoordinateRule {
  return {
    kind: "coordinate-wise",
    name: "mean",
    fewest: () => 1,
    mix(models) {
      const mixed = zerosAs(models[0]);
      mixed.set(meanVector(models));
      return mixed;
    },
    mixAll(models, receivers) {
      let last: Int32Array = new Int32Array();
      let mean: Float64Array = new Float64Array();
      for (const { models: received, mixed } of receivers) {
        const same =
          received === last ||
          (received.length === last.length && received.every((place, a) => place === last[a]));
        if (!same) mean = meanVector(Array.from(received, (place) => models[place]));
        last = received;
        mixed.set(mean);
      }
    },
    displacement(honest, _, direction, faulty) {
      const square = innerProduct(direction, direction);
      return (z) => ((faulty * z) / (honest.length + faulty)) ** 2 * square;
    },
  };
}
