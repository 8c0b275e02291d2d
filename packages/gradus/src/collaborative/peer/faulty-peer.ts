import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { MaybePromise } from "../../objectives/objective.ts";
import { randomStream } from "../../random/stream.ts";
import { nearestNeighbors } from "../aggregate/nearest-neighbors.ts";
import { type Attack, type AttackMemory, modelsOf } from "../attack/contract.ts";
import { geometryOf } from "../geometry.ts";
import { checkShared, type SharedOptions, sharedOptions } from "../options.ts";
import type { Vector } from "../vector.ts";
import { Inbox } from "./inbox.ts";
import { encodeModel, precisionOf } from "./message.ts";
import type { Transport } from "./transport.ts";
import { whenEither } from "./when-either.ts";

export interface FaultyPeerOptions extends Omit<SharedOptions, "momentum"> {
  readonly nodes: number;
  readonly faulty: number;
  readonly transport: Transport;
  readonly attack: Attack;
  /** A vector with the length and precision of a model. */
  readonly start: Vector;
  /** The mean of the honest nodes' gradients on flipped labels, for attacks that use it. */
  readonly poisonedGradient?: (step: number) => MaybePromise<Float64Array>;
  /** Honest models that it waits for in a round; defaults to all. */
  readonly waitFor?: number;
  /**
   * Attack the next step with the models of this one, before any honest node has sent: over a network, a peer that
   * waits for the others is too late for most of them.
   */
  readonly early?: boolean;
  readonly deadline?: number;
  readonly run?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

const OPTIONS = [
  "nodes",
  "transport",
  "attack",
  "start",
  "poisonedGradient",
  "waitFor",
  "early",
  "deadline",
  "run",
  "seed",
  "signal",
  ...sharedOptions.filter((name) => name !== "momentum"),
] as const satisfies readonly (keyof FaultyPeerOptions)[];

/** A round in which a faulty peer attacked. */
export interface FaultyRound {
  readonly step: number;
  readonly round: number;
  /** Honest models that it had received by then. */
  readonly known: number;
}

/**
 * A faulty node for testing the honest ones: in each round it waits for the models of the honest nodes (0 .. n - f - 1)
 * or the deadline, then computes and sends what the attack prescribes; when the others are steps ahead, it catches up.
 * It never ends by itself: stop iterating or abort the signal.
 *
 * @throws ArgumentError as `peer`, when the node is not among the last `faulty` ones, or `waitFor` is not in 1 .. n - f
 * @throws the signal's reason when `signal` is aborted
 */
export async function* faultyPeer(options: FaultyPeerOptions): AsyncGenerator<FaultyRound, never, void> {
  checkGivenOptions("faultyPeer", options, OPTIONS);
  const { nodes, faulty, transport, attack, start, poisonedGradient, signal } = options;
  const { waitFor = nodes - faulty, early = false, deadline = Number.POSITIVE_INFINITY } = options;
  const { run = 0, seed = 0, mixing = nearestNeighbors() } = options;
  const { rounds, learningRate } = checkShared({ ...options, nodes, faulty, mixing });
  const { node } = transport;
  const honest = nodes - faulty;
  if (!Number.isInteger(node) || node < honest || node >= nodes)
    throw new ArgumentError(`a faulty node's number must be in ${honest} .. ${nodes - 1}, got ${node}`);
  checkIntegerWithin(1, honest, { waitFor });
  const inbox = new Inbox({
    node,
    nodes,
    rounds,
    run,
    dimension: start.length,
    precision: precisionOf(start),
  });
  const unsubscribe = transport.subscribe((envelope) => {
    if (envelope.from < honest) inbox.receive(envelope);
  });
  const random = randomStream(seed).split("attack");
  const memory: AttackMemory = {};
  try {
    for (let step = 0; ; step++)
      for (let round = 0; round < rounds; round++) {
        inbox.open(step, round);
        const settled = () => inbox.models().length >= waitFor || inbox.stepAhead(waitFor) !== undefined;
        await whenEither(settled, (listener) => inbox.onChange(listener), deadline, signal);
        const ahead = inbox.stepAhead(waitFor);
        if (ahead !== undefined) {
          [step, round] = [ahead, rounds - 1];
          inbox.open(step, round);
        }
        const models = inbox.models().map(({ model }) => model);
        if (models.length > 0) {
          const sent = await modelsOf(attack, {
            rule: mixing,
            faulty,
            random: random.split(step).split(round),
            step,
            learningRate: learningRate(step),
            geometry: geometryOf(models),
            poisonedGradient: poisonedGradient && (() => poisonedGradient(step)),
            memory,
          });
          const own = node - honest;
          const message = (model: Vector) =>
            encodeModel({ run, sender: node, step: early ? step + 1 : step, round, model });
          if (typeof sent === "function")
            for (let to = 0; to < honest; to++) await transport.send(to, message(sent(to)[own]));
          else await transport.broadcast(message(sent[own]));
        }
        yield { step, round, known: models.length };
      }
  } finally {
    unsubscribe();
  }
}
