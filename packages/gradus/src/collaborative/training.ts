import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkGivenOptions } from "../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../iterate/iterate.ts";
import { iteratesInPlace } from "../iterate/iterate-in-place.ts";
import { checkMethodOptions } from "../iterate/method-options.ts";
import { randomStream } from "../random/stream.ts";
import { nearestNeighbors } from "./aggregate/nearest-neighbors.ts";
import type { MixingRule } from "./aggregate/rule.ts";
import { type Arrival, lateNodes } from "./arrival.ts";
import { type Attack, type AttackMemory, modelsOf } from "./attack/contract.ts";
import { type Geometry, geometryOf } from "./geometry.ts";
import { graphMixing } from "./graph-mixing.ts";
import { type Combine, mixRound, requireFiniteModels } from "./mixing.ts";
import {
  type CheckedOptions,
  checkMixing,
  checkShared,
  faultWarning,
  fewestModels,
  type SharedOptions,
  sharedOptions,
} from "./options.ts";
import type { CollaborativeProblem } from "./problem.ts";
import { spreadOf } from "./reduction.ts";
import { meanVector, rowsOf, squaredDistance, type Vector, zerosAs } from "./vector.ts";

export interface CollaborativeTrainingOptions
  extends SharedOptions,
    MethodOptions<CollaborativeTrainingState> {
  /** What the faulty nodes send; required when `faulty` > 0. */
  readonly attack?: Attack;
  readonly arrival?: Arrival;
  /** A rule by which the nodes first exchange and mix their gradients, which are attacked too (LEARN). */
  readonly gradientMixing?: MixingRule;
  /** Seeds the arrival of models and randomized attacks. */
  readonly seed?: number;
  /**
   * Models of at least this many numbers have their Gram matrices and combinations computed by a compiled graph, in the
   * models' precision; for smaller ones, calling the graph costs more than it saves.
   */
  readonly graphFrom?: number;
}

/** The state of collaborative training. */
export interface CollaborativeTrainingState {
  /** The honest models and momenta, h x d, row-major. */
  readonly models: Vector;
  readonly momenta: Vector;
  readonly numbers: CollaborativeTrainingView;
  readonly memory: AttackMemory;
}

/** The numbers that every iterate of collaborative training carries. */
export interface CollaborativeTrainingView {
  /** Mean squared distance of the honest models from their mean, before the last mixing and now. */
  readonly spreadBefore: number;
  readonly spread: number;
  /** Distance by which the last mixing moved the mean. */
  readonly drift: number;
  /** Stochastic gradients that each node has computed so far. */
  readonly gradientsPerNode: number;
  /** Models discarded so far because they were not finite, summed over all nodes. */
  readonly rejectedFaulty: number;
  /** Set when more nodes are faulty than any guarantee allows. */
  readonly warning?: string;
}

/** Values that an iterate of collaborative training computes when first read. */
export interface CollaborativeModels {
  /** The models of the honest nodes. */
  readonly models: readonly Vector[];
  readonly momenta: readonly Vector[];
  /** The mean of the honest models. */
  readonly mean: Float64Array;
}

const OPTIONS = [
  ...sharedOptions,
  "attack",
  "arrival",
  "gradientMixing",
  "seed",
  "graphFrom",
  "resume",
  "signal",
] as const satisfies readonly (keyof CollaborativeTrainingOptions)[];

interface Work {
  models: Vector;
  momenta: Vector;
  numbers: CollaborativeTrainingView;
  memory: AttackMemory;
}

/** Where Gram matrices and combinations are computed. */
interface Engine {
  geometry(honest: readonly Vector[], rule: MixingRule): Geometry | Promise<Geometry>;
  readonly combine?: Combine;
}

function startOf({ nodes, start }: CollaborativeProblem, warning: string | undefined): Work {
  const models = zerosAs(start, nodes * start.length);
  for (let i = 0; i < nodes; i++) models.set(start, i * start.length);
  return {
    models,
    momenta: zerosAs(start, models.length),
    numbers: { spreadBefore: 0, spread: 0, drift: 0, gradientsPerNode: 0, rejectedFaulty: 0, warning },
    memory: {},
  };
}

function copyOf({ models, momenta, numbers, memory }: CollaborativeTrainingState): Work {
  return { models: models.slice(), momenta: momenta.slice(), numbers, memory: { ...memory } };
}

/** m <- beta m + (1 - beta) g, and x - gamma m, written to `moved`. */
function localStep(
  { models, momenta }: Work,
  gradients: Vector,
  { momentum, learningRate }: { readonly momentum: number; readonly learningRate: number },
  moved: Vector,
): void {
  for (let k = 0; k < models.length; k++) {
    const m = momentum * momenta[k] + (1 - momentum) * gradients[k];
    momenta[k] = m;
    moved[k] = models[k] - learningRate * m;
  }
}

function advanceWith(
  problem: CollaborativeProblem,
  { mixing, rounds, momentum, learningRate, faulty, nodes }: CheckedOptions,
  { attack, arrival = "worst", gradientMixing, seed = 0 }: CollaborativeTrainingOptions,
  engine: Engine,
) {
  const late = lateNodes({ nodes, faulty, arrival, seed });
  const random = randomStream(seed).split("attack");
  const d = problem.start.length;
  // Rounds share working memory: none of it is used after its round.
  const moved = zerosAs(problem.start, problem.nodes * d);

  return async (work: Work, step: number): Promise<void> => {
    const rate = learningRate(step);
    const { models } = work;
    const poisonedGradient = problem.poisonedGradients
      ? async () => meanVector(rowsOf((await problem.poisonedGradients?.(models, step)) ?? models, d))
      : undefined;
    /** Sends vectors to all nodes once and mixes them. */
    const exchange = async (vectors: Vector, rule: MixingRule, round: number) => {
      const honest = rowsOf(vectors, d);
      requireFiniteModels(honest, step);
      const geometry = await engine.geometry(honest, rule);
      const context = {
        rule,
        faulty,
        random: random.split(step).split(round),
        step,
        learningRate: rate,
        geometry,
        poisonedGradient,
        memory: work.memory,
      };
      const sent = attack ? await modelsOf(attack, context) : [];
      const { combine } = engine;
      const outcome = await mixRound({ rule, faulty, geometry, sent, late: late(step, round), combine });
      return { ...outcome, geometry };
    };

    let { gradientsPerNode, rejectedFaulty } = work.numbers;
    let gradients = await problem.gradients(models, step);
    gradientsPerNode += problem.samples(step);
    if (gradientMixing) {
      const { mixed, rejected } = await exchange(gradients, gradientMixing, -1);
      gradients = mixed;
      rejectedFaulty += rejected;
    }
    localStep(work, gradients, { momentum, learningRate: rate }, moved);
    const first = await exchange(moved, mixing, 0);
    let last = first;
    rejectedFaulty += first.rejected;
    for (let round = 1; round < rounds; round++) {
      last = await exchange(last.mixed, mixing, round);
      rejectedFaulty += last.rejected;
    }
    const mean = meanVector(last.rows);
    const spread = spreadOf(last.rows, mean);
    // A number that is not finite makes the spread not finite; only then is every model checked.
    if (!Number.isFinite(spread)) requireFiniteModels(last.rows, step);
    const before = first.geometry;
    work.models = last.mixed;
    work.numbers = {
      spreadBefore: before.spread,
      spread,
      drift: Math.sqrt(squaredDistance(before.mean, mean)),
      gradientsPerNode,
      rejectedFaulty,
      warning: work.numbers.warning,
    };
  };
}

/**
 * Robust collaborative learning: n nodes without a server, f of them faulty, minimize the mean of the honest nodes'
 * losses. At each step, every honest node i computes
 *
 *     m_i <- beta m_i + (1 - beta) g_i,   x_i <- theta_i - gamma_t m_i,
 *
 * then `rounds` times sends x_i to all, waits for n - f models and mixes them by the rule; theta_i is the final x_i.
 *
 * With nearest-neighbor averaging and momentum this is MoNNA. All honest nodes are computed together: one batched
 * gradient, one Gram matrix and one matrix of weights per round; `peer` runs one node by itself, with the same result.
 * Source: Farhadkhani et al. 2023, "Robust collaborative learning with linear gradient overhead".
 *
 * @param problem what the honest nodes minimize; its nodes do not include the faulty ones
 * @throws ArgumentError when half of the nodes or more are faulty, the rule needs more models than arrive, there are
 *   faulty nodes without an attack, an attack sends the wrong number of models, an option is unknown, momentum is
 *   outside [0, 1), or the learning rate is not > 0
 * @throws ConvergenceError naming the node and the step where a model is not finite
 * @throws the signal's reason when `signal` is aborted
 */
export async function* collaborativeTraining(
  problem: CollaborativeProblem,
  options: CollaborativeTrainingOptions,
): Method<Iterate<CollaborativeTrainingState> & CollaborativeTrainingView & CollaborativeModels> {
  checkGivenOptions("collaborativeTraining", options, OPTIONS);
  const { faulty = 0, mixing = nearestNeighbors(), attack, gradientMixing, graphFrom = 1024 } = options;
  const checked = checkShared({ ...options, nodes: problem.nodes + faulty, mixing, faulty });
  if (faulty > 0 && !attack) throw new ArgumentError(`faulty = ${faulty} nodes need an attack`);
  if (attack !== undefined && typeof attack?.models !== "function")
    throw new ArgumentError(`attack must be an attack, such as signFlip(), got ${shown(attack)}`);
  if (gradientMixing !== undefined) {
    checkMixing("gradientMixing", gradientMixing);
    const fewest = fewestModels("gradientMixing", gradientMixing, faulty);
    if (fewest > problem.nodes)
      throw new ArgumentError(
        `gradientMixing by ${gradientMixing.name} needs ${fewest} models, got ${problem.nodes}`,
      );
  }
  const d = problem.start.length;
  const numbers = problem.nodes * d;
  checkMethodOptions(options, { models: numbers, momenta: numbers, numbers: undefined, memory: undefined });
  const graph = d >= graphFrom ? graphMixing() : undefined;
  const engine: Engine = {
    // A coordinate-wise rule needs no Gram matrix.
    geometry: (honest, { kind }) =>
      graph && kind === "weighted" ? graph.geometry(honest) : geometryOf(honest),
    combine: graph?.combine,
  };
  try {
    yield* iteratesInPlace<Work, CollaborativeTrainingView, CollaborativeModels>(
      {
        start: () => startOf(problem, faultWarning(checked)),
        advance: advanceWith(problem, checked, options, engine),
        view: ({ numbers }) => numbers,
        lazy: {
          models: ({ models }) => rowsOf(models.slice(), d),
          momenta: ({ momenta }) => rowsOf(momenta.slice(), d),
          mean: ({ models }) => meanVector(rowsOf(models, d)),
        },
        copy: copyOf,
      },
      {
        signal: options.signal,
        resume: options.resume && {
          iteration: options.resume.iteration,
          state: copyOf(options.resume.state),
        },
      },
    );
  } finally {
    await graph?.dispose();
  }
}
