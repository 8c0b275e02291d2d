import {
  compile,
  f32,
  flattenTree,
  isArrayValue,
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
import type { Runner } from "../worker.ts";
import { type Context, descend } from "./context.ts";
import { trainingCase } from "./training-case.ts";

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
  return trainingCase({ start, run: (parameters) => program.run({ parameters, r }) });
}
