import {
  add,
  compile,
  flattenTensors,
  item,
  specsOf,
  sqrt,
  square,
  sum,
  valueAndGradient,
} from "@gradus/graph";
import { compileTrainer, sgd } from "gradus/train";
import type { ExperimentContext, ExperimentRun, Resumed } from "../experiment.ts";
import type { NetworkProblem, Parameters } from "./problems.ts";

/** The result of gradient descent. */
export interface Trained {
  readonly parameters: Parameters;
  readonly steps: number;
  readonly loss: number;
  /** Of the loss, in all parameters. */
  readonly gradientNorm: number;
}

/** The loss and the norm of its gradient at parameters. */
export function compileSlope({ loss, parameters, data }: NetworkProblem) {
  return compile(
    (given) => {
      const { value, gradient } = valueAndGradient(loss)(given.parameters, given.data);
      const squares = flattenTensors(gradient).leaves.map((g) => sum(square(g)));
      return { loss: value, gradientNorm: sqrt(squares.reduce((a, b) => add(a, b))) };
    },
    { parameters: specsOf(parameters), data: specsOf(data) },
  );
}

export interface DescentOptions {
  /** Most full-batch steps. */
  readonly steps: number;
  /** Training ends once the gradient's norm is at most this; it is checked every `every` steps. */
  readonly gradientTolerance?: number;
  readonly every?: number;
  readonly signal: AbortSignal;
  readonly resumable: ExperimentContext<unknown>["resumable"];
}

/** Gradient descent on all rows at a fixed rate, compiled once for many problems. */
export interface Descent extends Disposable {
  /** From the problem's parameters, on its data, whose shapes are those compiled with. */
  run(problem: Pick<NetworkProblem, "parameters" | "data">, options: DescentOptions): ExperimentRun<Trained>;
}

/** Compiles gradient descent for all problems with the same shapes of parameters and data. */
export async function compileDescent(problem: NetworkProblem, learningRate: number): Promise<Descent> {
  const { loss, parameters, data } = problem;
  const slope = await compileSlope(problem);
  const trainer = await compileTrainer({
    loss,
    parameters,
    data,
    optimizer: sgd({ learningRate }),
    batchSize: "full",
  });
  return {
    async *run({ parameters, data }, { steps, gradientTolerance = 0, every = 250, signal, resumable }) {
      const run = { parameters, data, epochs: steps, epochsPerIterate: every, signal };
      async function* measured(resume?: Resumed) {
        for await (const iterate of trainer.train({ ...run, resume })) {
          const { loss, gradientNorm } = await slope.run({ parameters: iterate.parameters, data });
          yield { ...iterate, loss: item(loss), gradientNorm: item(gradientNorm) };
        }
      }
      const { iterate } = yield* resumable("training", {
        method: measured,
        until: ({ gradientNorm }) => gradientNorm <= gradientTolerance,
        kept: null,
        async *each() {},
      });
      const { parameters: reached, steps: taken, loss, gradientNorm } = iterate;
      return { parameters: reached, steps: taken, loss, gradientNorm };
    },
    [Symbol.dispose]() {
      void slope.dispose();
      trainer.dispose();
    },
  };
}
