import type { Tensor } from "@gradus/graph";
import { ConvergenceError } from "gradus/check";
import {
  collaborativeAttacks,
  collaborativeTraining,
  dirichletPartition,
  type LabeledImages,
  type LocalLoss,
  localLoss,
  normRegularizedLoss,
  testAccuracy,
} from "gradus/collaborative";
import type { Model } from "gradus/nn";
import { randomStream } from "gradus/random";
import { sampleMean } from "gradus/statistics";
import type { Values } from "gradus/tree";
import type { ExperimentRun, Point, Show } from "../experiment.ts";
import {
  type AttackName,
  type ComparedMethod,
  comparedMethods,
  type MethodName,
  trainingOptions,
} from "./methods.ts";

/** A network, its data, and how honest nodes train it among Byzantine ones. */
export interface Contest<P extends Values> {
  readonly images: LabeledImages;
  readonly network: Model<P>;
  /** From a batch [rows, d] to what the network takes. */
  readonly shapeOf?: (x: Tensor) => Tensor;
  readonly nodes: number;
  readonly faulty: number;
  /** Weight of the norm of all parameters in the loss. */
  readonly regularization: number;
  readonly concentration: number;
  readonly batchSize: number;
  readonly learningRate: (step: number) => number;
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly evaluations: number;
  readonly radius: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

const CLASSES = 10;
/** Evaluations at the end whose mean is the score. */
const SCORED = 5;

function nodeData<P extends Values>(
  contest: Contest<P>,
  parts: number,
  even: boolean,
): readonly Int32Array[] {
  const { images, concentration, seed } = contest;
  const random = randomStream(seed).split("parts");
  const { y } = images.train;
  if (!even) return dirichletPartition(y, { parts, concentration, random });
  const order = random.permutation(y.length);
  const size = Math.floor(y.length / parts);
  return Array.from({ length: parts }, (_, i) => order.subarray(i * size, (i + 1) * size));
}

/** A contest's compiled parts: methods with the same data and batches share one problem. */
export interface ContestProblems<P extends Values> extends AsyncDisposable {
  of(method: ComparedMethod): Promise<LocalLoss<P>>;
  /** Accuracy on the test rows. */
  accuracy(parameters: P): Promise<number>;
}

/** Every node's loss on its own rows, compiled on first use. */
export function contestProblems<P extends Values>(contest: Contest<P>): ContestProblems<P> {
  const { images, network, regularization, nodes, faulty, batchSize, shapeOf, seed } = contest;
  const start = network.parameters({ stream: randomStream(seed).split("weights"), dtype: "f32" });
  const known = new Map<string, Promise<LocalLoss<P>>>();
  let score: ReturnType<typeof testAccuracy<P>> | undefined;
  return {
    of({ faultFree = false, evenData = false, growingBatch = false }) {
      const key = `${faultFree} ${evenData} ${growingBatch}`;
      const problem =
        known.get(key) ??
        localLoss({
          loss: normRegularizedLoss(network, regularization, shapeOf),
          parameters: start,
          data: { x: images.train.x, d: images.d, y: images.train.y },
          parts: nodeData(contest, faultFree ? nodes : nodes - faulty, evenData),
          batchSize: growingBatch ? (step) => step + 1 : batchSize,
          classes: CLASSES,
          seed,
        });
      known.set(key, problem);
      return problem;
    },
    async accuracy(parameters) {
      score ??= testAccuracy(network, start, images, shapeOf);
      return (await score).of(parameters);
    },
    async [Symbol.asyncDispose]() {
      await (await score)?.[Symbol.asyncDispose]();
      for (const problem of known.values()) await (await problem)[Symbol.asyncDispose]();
    },
  };
}

/** The result of a training. */
export interface ContestResult {
  /** Accuracies of honest node 0 on the test rows, and the steps after which they were measured. */
  readonly steps: readonly number[];
  readonly accuracies: readonly number[];
  /** Mean of the last five accuracies. */
  readonly score: number;
  /** Stochastic gradients that each node has computed. */
  readonly gradients: number;
}

/** The method and the attack. */
export interface Meeting {
  readonly name: MethodName;
  /** None where the method has no faulty nodes. */
  readonly attack: AttackName | undefined;
}

/**
 * Trains by one method against one attack; shows each accuracy by its step. From the step on at which training diverges
 * the accuracy is that of guessing.
 */
export async function* contestRun<P extends Values>(
  contest: Contest<P>,
  problems: ContestProblems<P>,
  { name, attack }: Meeting,
  show: Show<Point> = () => [],
): ExperimentRun<ContestResult> {
  const { faulty, learningRate, steps, evaluateEvery, evaluations, radius, seed, signal } = contest;
  const method: ComparedMethod = comparedMethods({ radius })[name];
  const problem = await problems.of(method);
  const run = collaborativeTraining(problem, {
    ...trainingOptions(method, attack && collaborativeAttacks(evaluations)[attack](), faulty),
    learningRate,
    seed,
    signal,
  });
  const evaluated: number[] = [];
  const accuracies: number[] = [];
  let gradients = 0;
  const note = (iteration: number, accuracy: number) => {
    evaluated.push(iteration);
    accuracies.push(accuracy);
    return show({ x: iteration, y: accuracy });
  };
  try {
    for await (const iterate of run) {
      const { iteration } = iterate;
      gradients = iterate.gradientsPerNode;
      if (iteration % evaluateEvery === 0)
        yield* note(iteration, await problems.accuracy(problem.unpack(iterate.models[0])));
      if (iteration === steps) break;
    }
  } catch (error) {
    if (!(error instanceof ConvergenceError)) throw error;
    // Training has diverged. What is not finite knows no image from another.
    const next = (evaluated.at(-1) ?? -evaluateEvery) + evaluateEvery;
    for (let iteration = next; iteration <= steps; iteration += evaluateEvery)
      yield* note(iteration, 1 / CLASSES);
  }
  return { steps: evaluated, accuracies, score: sampleMean(accuracies.slice(-SCORED)), gradients };
}
