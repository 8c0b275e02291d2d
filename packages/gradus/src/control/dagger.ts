import { ArgumentError, ConvergenceError } from "../check/errors.ts";
import { checkPositive, checkPositiveInteger } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { squaredLoss } from "../losses/squared.ts";
import { randomStream } from "../random/stream.ts";
import type { TargetProblem } from "../target-surrogates/contract.ts";
import { targetLoss } from "../target-surrogates/target-loss.ts";
import type { Environment } from "./environment.ts";
import type { Policy } from "./policy.ts";

export interface DaggerOptions {
  /** Parallel episodes in a round. */
  readonly episodes?: number;
  /** Steps per episode; an episode that fails continues from a new initial state. */
  readonly horizon?: number;
  /** The policy's targets are actions divided by this. */
  readonly actionScale?: number;
  readonly seed?: number;
}

/**
 * The episodes x horizon states that a policy visits in a round.
 *
 * @throws ConvergenceError when an action is not finite
 */
async function visitedStates(
  { environment, policy, theta }: { environment: Environment; policy: Policy; theta: Float64Array },
  { episodes, horizon, actionScale, seed, round }: Required<DaggerOptions> & { round: number },
): Promise<Float64Array> {
  const { stateSize, actionSize } = environment;
  const stream = randomStream(seed).split(round);
  const visited = new Float64Array(episodes * horizon * stateSize);
  const states = Array.from({ length: episodes }, () => environment.initial(stream));
  const now = new Float64Array(episodes * stateSize);
  for (let time = 0; time < horizon; time++) {
    states.forEach((state, e) => {
      now.set(state, e * stateSize);
    });
    visited.set(now, time * now.length);
    const actions = await policy.actions(theta, now.slice());
    if (!actions.every(Number.isFinite))
      throw new ConvergenceError(`the policy's action is not finite in round ${round}, step ${time}`);
    for (let e = 0; e < episodes; e++) {
      const action = actions.subarray(e * actionSize, (e + 1) * actionSize).map((a) => actionScale * a);
      const next = environment.step(states[e], action);
      states[e] = environment.failed(next) ? environment.initial(stream) : next;
    }
  }
  return visited;
}

/**
 * Imitation of an expert by data aggregation on the policy's own states (DAgger) as a target problem: batch t rolls out
 * the policy theta_t and asks the expert for the action at every state visited; the loss is the mean of
 * |pi_theta(s) - a*(s) / actionScale|^2 / 2 over these states. Every method for target problems is then a learner whose
 * step is one round of interaction, the expensive part.
 * Source: Ross, Gordon & Bagnell 2011, "A reduction of imitation learning and structured prediction to no-regret online
 * learning".
 *
 * @param expert the expert's action a*(s) at a state
 * @throws ArgumentError when shapes differ or an option is unknown or out of range
 * @throws ConvergenceError (from a batch) when an action of the policy is not finite
 */
export function daggerProblem(
  environment: Environment,
  expert: (state: Float64Array) => Float64Array,
  policy: Policy,
  settings: DaggerOptions = {},
): TargetProblem {
  const { stateSize, actionSize } = environment;
  checkOptions("daggerProblem", settings, ["episodes", "horizon", "actionScale", "seed"]);
  const { episodes = 10, horizon = 100, actionScale = 1, seed = 0 } = settings;
  checkPositiveInteger({ episodes, horizon });
  checkPositive({ actionScale });
  if (policy.outputs !== actionSize)
    throw new ArgumentError(
      `the policy must return actions of ${actionSize} numbers for this environment, got ${policy.outputs}`,
    );
  const options = { episodes, horizon, actionScale, seed };
  return {
    dimension: policy.dimension,
    outputs: actionSize,
    batchesPerEpoch: 1,
    deterministic: false,
    smoothness: 1,
    async at(round, theta) {
      const visited = await visitedStates({ environment, policy, theta }, { ...options, round });
      const rows = visited.length / stateSize;
      const answers = new Float64Array(rows * actionSize);
      for (let i = 0; i < rows; i++)
        answers.set(
          expert(visited.subarray(i * stateSize, (i + 1) * stateSize)).map((a) => a / actionScale),
          i * actionSize,
        );
      return {
        map: policy.on(visited).on(),
        loss: targetLoss(squaredLoss, answers, { outputs: actionSize }).on(),
      };
    },
  };
}
