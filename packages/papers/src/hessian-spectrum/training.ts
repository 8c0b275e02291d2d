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
}

/** Gradient descent on all rows at a fixed rate, compiled once for many problems. */
export interface Descent extends Disposable {
  /** From the problem's parameters, on its data, whose shapes are those compiled with. */
  run(problem: Pick<NetworkProblem, "parameters" | "data">, options: DescentOptions): Promise<Trained>;
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
    async run({ parameters, data }, { steps, gradientTolerance = 0, every = 250, signal }) {
      let trained: Trained | undefined;
      const run = { parameters, data, epochs: steps, epochsPerIterate: every, signal };
      for await (const iterate of trainer.train(run)) {
        const at = await slope.run({ parameters: iterate.parameters, data });
        trained = {
          parameters: iterate.parameters,
          steps: iterate.steps,
          loss: item(at.loss),
          gradientNorm: item(at.gradientNorm),
        };
        if (trained.gradientNorm <= gradientTolerance) break;
      }
      if (!trained) throw new Error("training yields at least where it starts");
      return trained;
    },
    [Symbol.dispose]() {
      void slope.dispose();
      trainer.dispose();
    },
  };
}
