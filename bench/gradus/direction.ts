import {
  compile,
  f32,
  flattenTree,
  isArrayValue,
  item,
  specsOf,
  type Tensor,
  unflattenTree,
  valueAndGradient,
} from "@gradus/graph";
import { poissonOperator } from "gradus/linalg/grids";
import { directionLoss, tracedProduct } from "gradus/operators";
import { randomStream } from "gradus/random";
import { benchNetwork } from "../direction-inputs.ts";
import { directionSizes } from "../direction-sizes.ts";
import { sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";
import { type Context, descend, distance } from "./context.ts";

const { cells, batch, learningRate } = directionSizes.step;
const product = tracedProduct(poissonOperator({ shape: [cells, cells] }));

/** A training step a call: the parameters go in and come out each time. */
export async function directionStep({ inputs, options }: Context): Promise<Runner> {
  const template = flattenTree(benchNetwork.parameters({ stream: randomStream(0) }), isArrayValue);
  const start = unflattenTree(
    template.structure,
    template.leaves.map((_, i) => inputs[`direction.parameter${i}`]),
  ) as ReturnType<typeof benchNetwork.parameters>;
  const loss = (p: Parameters<typeof benchNetwork.apply>[0], r: Tensor) =>
    directionLoss(product, benchNetwork.apply(p, r), r);
  const program = await compile(
    (given) => {
      const { value, gradient } = valueAndGradient(loss)(given.parameters, given.r);
      return { loss: value, parameters: descend(given.parameters, gradient, learningRate) };
    },
    { parameters: specsOf(start), r: f32(batch, 1, cells, cells) },
    options,
  );
  const { "direction.residuals": r } = inputs;
  let current = start;
  const call = async () => {
    const result = await program.run({ parameters: current, r });
    current = result.parameters;
    return item(result.loss);
  };
  const reset = () => {
    current = start;
  };
  return {
    reset,
    call,
    unitsPerCall: 1,
    async check() {
      reset();
      const losses: number[] = [];
      for (let i = 0; i < sizes.checkedIterations; i++) losses.push(await call());
      const leaves = (tree: typeof start) => flattenTree(tree, isArrayValue).leaves;
      return [...losses, distance(leaves(current), leaves(start))];
    },
  };
}
