import { type ArrayValue, array, floatData, mean, square, sub } from "@gradus/graph";
import { deepONet } from "gradus/operators";
import { randomStream } from "gradus/random";
import { adam, compileTrainer } from "gradus/train";
import { mapArrays } from "gradus/tree";
import { operatorSizes, operatorSteps } from "../operator-sizes.ts";
import type { Runner } from "../worker.ts";
import type { Context } from "./context.ts";

const { sensors, width, learningRate, epsilon } = operatorSizes;

/** ((7919 i + 104729 k) mod 1000003)/1000003: numbers that any language makes alike. */
const fraction = (i: number, k: number) => ((7919 * i + 104_729 * k) % 1_000_003) / 1_000_003;

/** The k-th array of numbers in [-limit, limit]. */
const numbers = (k: number, shape: readonly number[], limit: number): ArrayValue =>
  array(
    Float32Array.from(
      { length: shape.reduce((a, b) => a * b) },
      (_, i) => limit * (2 * fraction(i, k + 1) - 1),
    ),
    shape,
  );

/** Full-batch steps of a DeepONet in one call of the compiled loop. */
export async function operatorTraining(
  { options }: Context,
  program: keyof typeof operatorSteps,
): Promise<Runner> {
  const [functions, steps] = operatorSteps[program];
  const network = deepONet({ sensors, branch: [width, width], trunk: [width, width] });
  let k = 0;
  // Glorot's limits for matrices, zeros for biases, in the order branch, trunk, offset
  const start = mapArrays(
    ({ shape }) => numbers(k++, shape, shape.length === 2 ? Math.sqrt(6 / (shape[0] + shape[1])) : 0),
    network.parameters({ stream: randomStream(1) }),
  );
  const data = {
    u: numbers(100, [functions, sensors], 1),
    y: numbers(101, [functions, 1, 1], 1),
    s: numbers(102, [functions, 1], 1),
  };
  const trainer = await compileTrainer({
    loss: (p, { u, y, s }) => mean(square(sub(network.applyScattered(p, u, y), s))),
    parameters: start,
    data,
    optimizer: adam({ learningRate, epsilon }),
    batchSize: "full",
    ...options,
  });
  let run = trainer.train({ epochsPerIterate: steps });
  async function call() {
    const next = await run.next();
    if (next.done) throw new Error("the method ended by itself");
    return next.value;
  }
  async function reset() {
    run = trainer.train({ epochsPerIterate: steps });
    await call();
  }
  return {
    reset,
    call,
    unitsPerCall: steps,
    async check() {
      await reset();
      const { loss = Number.NaN, parameters } = await call();
      const weights = parameters.networks[0].branch.last.weights;
      return [loss, Math.hypot(...floatData(weights))];
    },
  };
}
