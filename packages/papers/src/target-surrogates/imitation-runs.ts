import { type ArrayValue, array } from "@gradus/graph";
import {
  cartPole,
  daggerProblem,
  discreteLqr,
  linearPolicy,
  type Policy,
  tracedPolicy,
} from "gradus/control";
import { denseMatrix, multiply } from "gradus/linalg";
import { mlp } from "gradus/nn";
import { stochasticArmijo } from "gradus/optimize";
import { randomStream } from "gradus/random";
import {
  adamRule,
  batchObjective,
  innerArmijo,
  sgdRule,
  sso,
  stochasticDescent,
  type TargetProblem,
  tracedTargets,
} from "gradus/target-surrogates";
import type { ExperimentRun, Show } from "../experiment.ts";
import { mean } from "./follow.ts";

/** Scale of the actions in newtons: the network learns actions divided by it. */
const FORCE = 10;
/** Scales of the states: the network's input is divided by these. */
const STATE_SCALE = Float64Array.of(1, 1, 0.3, 1);
const SEARCH = { initialStep: 1, shrink: 0.7, growth: 1.8, sufficientDecrease: 0.1 };

export type Learner =
  | { readonly name: string; readonly kind: "sso"; readonly innerSteps: number; readonly eta: number }
  | { readonly name: string; readonly kind: "sgd" | "adam"; readonly step: number }
  | { readonly name: string; readonly kind: "sls" };

/** The expert: 10 tanh(-K s / 10) with the regulator's gain K. */
function expertOf(environment: ReturnType<typeof cartPole>): (state: Float64Array) => Float64Array {
  const Q = denseMatrix([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 10, 0, 0, 0, 0, 1], 4, 4);
  const { K } = discreteLqr({ A: environment.A, B: environment.B, Q, R: denseMatrix([0.1], 1, 1) });
  return (state) => Float64Array.of(FORCE * Math.tanh(-multiply(K, state)[0] / FORCE));
}

/** A tanh network 4-32-32-1 on scaled states, for every seed and learner; dispose of it after use. */
export async function networkPolicy() {
  const network = mlp({ inputs: 4, hidden: [32, 32], outputs: 1, activation: "tanh" });
  const parameters = (seed: number) =>
    network.parameters({ stream: randomStream(seed).split("policy"), dtype: "f64" });
  const traced = await tracedTargets({
    model: (theta, states) => network.apply(theta, states),
    parameters: parameters(1),
    inputs: array(new Float64Array(4), [1, 4]),
  });
  const policy = scaledStates(tracedPolicy(traced, { stateSize: 4 }));
  const start = (seed: number): Float64Array => {
    const { layers } = parameters(seed);
    return Float64Array.from(layers.flatMap(({ weights, bias }) => [...numbers(weights), ...numbers(bias)]));
  };
  return { traced, policy, start };
}

const numbers = ({ data }: ArrayValue): number[] => Array.from(data, Number);

function scaledStates(policy: Policy): Policy {
  const scaled = (states: Float64Array) => states.map((value, k) => value / STATE_SCALE[k % 4]);
  return {
    ...policy,
    actions: (theta, states) => policy.actions(theta, scaled(states)),
    on: (states) => policy.on(scaled(states)),
  };
}

export const linear = { policy: linearPolicy(4), start: () => new Float64Array(4) };

/** The part of a learner's iterates from which the losses of the rounds follow. */
function learning(
  problem: TargetProblem,
  theta: Float64Array,
  learner: Learner,
  signal: AbortSignal,
): AsyncIterable<{ readonly iteration: number; readonly batchLoss: number | undefined }> {
  if (learner.kind === "sso") {
    const { innerSteps, eta } = learner;
    return sso(problem, theta, { eta, innerSteps, inner: innerArmijo(SEARCH), signal });
  }
  if (learner.kind === "sls") return searched(problem, theta, signal);
  const rule = learner.kind === "sgd" ? sgdRule(learner.step) : adamRule(learner.step);
  return stochasticDescent(problem, theta, rule, { signal });
}

async function* searched(problem: TargetProblem, theta: Float64Array, signal: AbortSignal) {
  const method = stochasticArmijo(async (round, x) => batchObjective(await problem.at(round, x)), theta, {
    ...SEARCH,
    signal,
  });
  for await (const { iteration, batchValue } of method) yield { iteration, batchLoss: batchValue };
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Called after each round with the losses so far. */
  readonly show?: Show<readonly number[]>;
}

/** The loss of every round, on the states of the policy before its step. */
export async function* roundLosses(
  { policy, start }: { policy: Policy; start: (seed: number) => Float64Array },
  learner: Learner,
  { rounds, seed, signal, show = () => [] }: RoundsOptions,
): ExperimentRun<number[]> {
  const environment = cartPole();
  const problem = daggerProblem(environment, expertOf(environment), policy, { actionScale: FORCE, seed });
  const losses: number[] = [];
  for await (const { iteration, batchLoss } of learning(problem, start(seed), learner, signal)) {
    if (batchLoss !== undefined) {
      losses.push(batchLoss);
      yield* show(losses);
    }
    if (iteration === rounds) break;
  }
  return losses;
}

/**
 * The first round at which the mean of the last three losses is at most `target`; one more than all if there is none.
 */
export function roundsTo(losses: readonly number[], target: number): number {
  for (let round = 3; round <= losses.length; round++)
    if (mean(losses.slice(round - 3, round)) <= target) return round;
  return losses.length + 1;
}
