import { type NetworkProblem, networkDescent, type ReluNetwork } from "gradus/optimize/convex-networks";

/** Adam's constants other than the learning rate. */
const [FIRST, SECOND, EPSILON] = [0.9, 0.999, 1e-8];

export interface AdamTraining {
  readonly problem: NetworkProblem;
  readonly width: number;
  readonly learningRate: number;
  readonly epochs: number;
  readonly seed: number;
  /** Inputs of the next epoch in place of the problem's: adversarial examples for the current network. */
  readonly examples?: (network: ReluNetwork, epoch: number) => NetworkProblem["x"];
}

/** Full-batch Adam (Kingma and Ba, 2015) on the non-convex training objective; yields the network after each epoch. */
export function* adamEpochs({
  problem,
  width,
  learningRate,
  epochs,
  seed,
  examples,
}: AdamTraining): Generator<{ readonly epoch: number; readonly network: () => ReluNetwork }, ReluNetwork> {
  const plain = networkDescent(problem, { width });
  const parameters = plain.start(seed);
  const first = new Float64Array(parameters.length);
  const second = new Float64Array(parameters.length);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const moved = examples?.(plain.network(parameters), epoch);
    const { objective } = moved ? networkDescent({ ...problem, x: moved }, { width }) : plain;
    const gradient = objective.gradient(parameters);
    const step = (learningRate * Math.sqrt(1 - SECOND ** epoch)) / (1 - FIRST ** epoch);
    for (let i = 0; i < parameters.length; i++) {
      first[i] = FIRST * first[i] + (1 - FIRST) * gradient[i];
      second[i] = SECOND * second[i] + (1 - SECOND) * gradient[i] ** 2;
      parameters[i] -= (step * first[i]) / (Math.sqrt(second[i]) + EPSILON);
    }
    yield { epoch, network: () => plain.network(parameters) };
  }
  return plain.network(parameters);
}
