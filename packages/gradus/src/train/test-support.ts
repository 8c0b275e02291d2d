import {
  array,
  compile,
  flattenTensors,
  i64,
  type Tensor,
  type TensorSpec,
  type Tree,
  toNumbers,
} from "@gradus/graph";
import type { GradientTransformation } from "./transformation.ts";

export type Leaves = Readonly<Record<string, readonly number[]>>;

/**
 * A transformation as a function of named vectors, for tests: the updates that it makes of gradients one after
 * another at fixed parameters.
 */
export async function updatesBy(
  transformation: GradientTransformation,
  sizes: Readonly<Record<string, number>>,
  count: number,
  dtype: "f32" | "f64" = "f64",
) {
  const names = Object.keys(sizes);
  const specs = Object.fromEntries(
    names.map((name): [string, TensorSpec] => [name, { dtype, shape: [sizes[name]] }]),
  );
  const program = await compile(
    ({ parameters, gradients, steps, samples }) => {
      const { leaves, paths } = flattenTensors(parameters);
      let state: Tree<Tensor> = transformation.init(leaves);
      return Array.from({ length: count }, (_, i) => {
        const own = flattenTensors(gradients[i]).leaves;
        const context = { parameters: leaves, paths, steps: steps[i], samples: samples[i] };
        const result = transformation.update(own, state, context);
        state = result.state;
        return result.updates;
      });
    },
    {
      parameters: specs,
      gradients: Array.from({ length: count }, () => specs),
      steps: Array.from({ length: count }, () => i64()),
      samples: Array.from({ length: count }, () => i64()),
    },
  );
  const toArrays = (leaves: Leaves) =>
    Object.fromEntries(
      names.map((name) => [
        name,
        array(dtype === "f32" ? Float32Array.from(leaves[name]) : Float64Array.from(leaves[name])),
      ]),
    );
  return {
    async run(gradients: readonly Leaves[], parameters: Leaves, batchSize = 1): Promise<Leaves[]> {
      const results = await program.run({
        parameters: toArrays(parameters),
        gradients: gradients.map(toArrays),
        steps: gradients.map((_, i) => i),
        samples: gradients.map((_, i) => i * batchSize),
      });
      return results.map((step) => Object.fromEntries(step.map((u, k) => [names[k], toNumbers(u)])));
    },
    [Symbol.dispose]: () => program.dispose(),
  };
}
