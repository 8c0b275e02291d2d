import type { ArrayValue } from "@gradus/graph";
import type { RandomStream } from "gradus/random";
import { type FittingProblem, fittingFamilies, fittingProblems, fittingSizes } from "./fitting-sizes.ts";
import { sparsePattern } from "./sparse-pattern.ts";

/** The entries of a design row by row, float32. */
interface Design {
  readonly values: Float32Array;
  readonly pointers: readonly number[];
  readonly indices: readonly number[] | undefined;
}

function designOf({ rows, columns, perRow }: FittingProblem, stream: RandomStream): Design {
  const normal = stream.split("values");
  if (perRow === undefined) {
    // columns of several scales
    const scales = Float64Array.from({ length: columns }, () => Math.exp(normal.uniform(-1, 1)));
    const values = Float32Array.from(
      { length: rows * columns },
      (_, k) => scales[k % columns] * normal.normal(),
    );
    return { values, pointers: Array.from({ length: rows + 1 }, (_, i) => i * columns), indices: undefined };
  }
  const { pointers, indices } = sparsePattern(stream.split("pattern"), rows, columns, perRow);
  return { values: Float32Array.from(indices, () => normal.normal()), pointers, indices };
}

/** Moves rows that are too near to the plane of the weights of their columns away from it, to the margin. */
function keepApart({ values, pointers, indices }: Design, weights: Float64Array): void {
  for (let i = 0; i + 1 < pointers.length; i++) {
    const weight = (k: number) => weights[indices ? indices[k] : k - pointers[i]];
    let [score, squares] = [0, 0];
    for (let k = pointers[i]; k < pointers[i + 1]; k++) {
      score += values[k] * weight(k);
      squares += weight(k) ** 2;
    }
    const least = fittingSizes.margin * Math.sqrt(squares);
    const shift = ((Math.sign(score) || 1) * least - score) / squares;
    if (Math.abs(score) < least)
      for (let k = pointers[i]; k < pointers[i + 1]; k++) values[k] += shift * weight(k);
  }
}

/** Designs, and targets of a linear model with noise: for the lasso numbers, else their signs; without noise where they are to be separated. */
export function addFittingInputs(add: (name: string, value: ArrayValue) => void, stream: RandomStream): void {
  for (const family of fittingFamilies)
    for (const problem of fittingProblems(family)) {
      const { name, rows, columns } = problem;
      const own = stream.split(name);
      const { values, pointers, indices } = designOf(problem, own);
      const [truth, noise] = [own.split("truth"), own.split("noise")];
      const weights = Float64Array.from({ length: columns }, () =>
        family !== "lasso" || truth.uniform() < 0.1 ? truth.normal() : 0,
      );
      if (family === "separate") keepApart({ values, pointers, indices }, weights);
      const scores = Float64Array.from({ length: rows }, (_, i) => {
        let sum = 0;
        for (let k = pointers[i]; k < pointers[i + 1]; k++)
          sum += values[k] * weights[indices ? indices[k] : k - pointers[i]];
        return sum;
      });
      const deviation = Math.sqrt(scores.reduce((sum, z) => sum + z * z, 0) / rows);
      const targets = Float32Array.from(scores, (z) => {
        const noisy = z + 0.5 * deviation * noise.normal();
        if (family === "separate") return Math.sign(z);
        return family === "lasso" ? noisy : Math.sign(noisy) || 1;
      });
      add(`${name}.values`, { dtype: "f32", shape: [values.length], data: values });
      add(`${name}.y`, { dtype: "f32", shape: [rows], data: targets });
      if (indices === undefined) continue;
      const integers = (numbers: readonly number[]): ArrayValue => ({
        dtype: "i64",
        shape: [numbers.length],
        data: BigInt64Array.from(numbers, BigInt),
      });
      add(`${name}.pointers`, integers(pointers));
      add(`${name}.indices`, integers(indices));
    }
}
