import { firstNonFinite } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin } from "../../check/numbers.ts";
import { checkFunction, checkGivenOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import type { MaybePromise } from "../../objectives/objective.ts";
import { nearestNeighbors } from "../aggregate/nearest-neighbors.ts";
import { requireFiniteModels } from "../mixing.ts";
import { checkShared, fewestModels, type SharedOptions, sharedOptions } from "../options.ts";
import { type Vector, zerosAs } from "../vector.ts";
import { Inbox, type ReceivedModel } from "./inbox.ts";
import { encodeModel, HEADER_BYTES, precisionOf } from "./message.ts";
import type { Transport } from "./transport.ts";
import { whenEither } from "./when-either.ts";

/** The state of a peer, from which it resumes after a crash. */
export interface PeerState {
  readonly model: Vector;
  readonly momentum: Vector;
  readonly numbers: PeerView;
}

/** What an iterate of a peer reports. */
export interface PeerView {
  /** Steps completed by the training; larger than the iteration if the peer fell behind and caught up. */
  readonly step: number;
  /** Models received in the last round, the node's own included, before the rule chose among them. */
  readonly received: number;
  /** Rounds that ended at the deadline, before enough models had arrived. */
  readonly missedDeadlines: number;
  /** Times that the peer fell behind and rejoined the others at a later step. */
  readonly caughtUp: number;
  /** Messages discarded so far, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Bytes of models sent so far, summed over the receivers. */
  readonly bytesSent: number;
}

export interface PeerOptions extends SharedOptions, MethodOptions<PeerState> {
  /** All nodes, faulty ones included. */
  readonly nodes: number;
  readonly transport: Transport;
  /** The node's stochastic gradient at a model and a step, computed on its private data. */
  readonly gradient: (model: Vector, step: number) => MaybePromise<Vector>;
  /** The model from which all nodes start. */
  readonly start: Vector;
  /** Milliseconds that a round waits for models; no limit by default. */
  readonly deadline?: number;
  /** Identifies the training run, 0 .. 2^32 - 1: the same for all its nodes, different from that of any other run. */
  readonly run?: number;
}

const OPTIONS = [
  "nodes",
  "transport",
  "gradient",
  "start",
  "deadline",
  "run",
  ...sharedOptions,
  "resume",
  "signal",
] as const satisfies readonly (keyof PeerOptions)[];

/** The node's own model and the received ones in node order, and the index of its own. */
function withOwn(node: number, model: Vector, received: readonly ReceivedModel[]) {
  const own = received.filter(({ sender }) => sender < node).length;
  const models = received.map((one) => one.model);
  models.splice(own, 0, model);
  return { models, own };
}

/**
 * One honest node of robust collaborative training, running by itself: it has its gradient, the transport, and the
 * number of nodes that may be Byzantine. It computes what `collaborativeTraining` computes for all nodes together.
 *
 * A round ends when n - f models have arrived (its own included; a node that sent an invalid message counts as one of
 * the f faulty nodes), or at the deadline with the models received so far. A peer that finds n - f - 1 others at least
 * two steps ahead mixes its model with theirs, sends it to those that still wait in their round, and continues from
 * there, so a crashed or slow peer can rejoin. A peer that misses a deadline and finds f + 1 others ahead by any amount
 * joins them in their step, so peers separated by a network failure meet again; if the transport supports it, it asks
 * the others to repeat their last broadcast.
 *
 * @throws ArgumentError as `collaborativeTraining`, or when the node's number or the deadline is out of range
 * @throws ConvergenceError when the node's own model is not finite
 * @throws the signal's reason when `signal` is aborted, also while waiting
 */
export async function* peer(
  options: PeerOptions,
): Method<Iterate<PeerState> & PeerView & { readonly model: Vector }> {
  checkGivenOptions("peer", options, OPTIONS);
  const { nodes, transport, gradient, start, resume, signal } = options;
  const { deadline = Number.POSITIVE_INFINITY, run = 0, faulty = 0, mixing = nearestNeighbors() } = options;
  const { rounds, momentum, learningRate } = checkShared({ ...options, nodes, faulty, mixing });
  const { node } = transport;
  checkFunction({ gradient });
  if (!(start instanceof Float64Array || start instanceof Float32Array))
    throw new ArgumentError(`start must be a Float64Array or a Float32Array, got ${shown(start)}`);
  checkIntegerWithin(0, nodes - 1, { "transport.node": node });
  if (!(deadline > 0)) throw new ArgumentError(`deadline must be milliseconds > 0, got ${deadline}`);
  if (!Number.isInteger(run) || run < 0 || run >= 2 ** 32)
    throw new ArgumentError(`run must be an integer in 0 .. 2^32 - 1, got ${run}`);
  const dimension = start.length;
  const inbox = new Inbox({ node, nodes, rounds, run, dimension, precision: precisionOf(start) });
  const enough = nodes - faulty - 1;
  /** Bytes of one model sent to all others. */
  const messageBytes = (nodes - 1) * (HEADER_BYTES + start.byteLength);

  /** Sends a model and waits for the others'. */
  async function exchange(model: Vector, step: number, round: number) {
    inbox.open(step, round);
    await transport.broadcast(encodeModel({ run, sender: node, step, round, model }));
    const settled = () =>
      inbox.models().length + inbox.garbage() >= enough || inbox.stepAhead(enough) !== undefined;
    const inTime = await whenEither(settled, (listener) => inbox.onChange(listener), deadline, signal);
    const garbage = inbox.garbage();
    const received = inbox.models();
    inbox.close();
    if (inTime) return { received, garbage, inTime, ahead: inbox.stepAhead(enough) };
    // Nodes that have finished or wait in a later step have already broadcast, and the message may have been lost.
    await transport.askAgain?.();
    // At least one of f + 1 nodes is honest, so the step that it has reached is genuine.
    const reached = inbox.stepReached(faulty + 1) ?? step;
    return { received, garbage, inTime, meeting: reached > step ? reached : undefined };
  }

  /** The node's model mixed with the received ones, or unmixed when too few arrived for the rule. */
  function mixed(model: Vector, received: readonly ReceivedModel[], garbage: number): Vector {
    const left = Math.max(0, faulty - garbage);
    if (received.length + 1 < fewestModels("mixing", mixing, left)) return model;
    const { models, own } = withOwn(node, model, received);
    const result = mixing.mix(models, { own, faulty: left });
    if (result?.length !== dimension)
      throw new ArgumentError(
        `mixing rule "${mixing.name}" must return a model of ${dimension} numbers, got ${shown(result)}`,
      );
    return result;
  }

  async function step({ model, momentum: before, numbers }: PeerState): Promise<PeerState> {
    let { step: t, missedDeadlines, caughtUp, bytesSent, received } = numbers;
    const g = await gradient(model, t);
    const m = zerosAs(model);
    let x = zerosAs(model);
    const rate = learningRate(t);
    for (let k = 0; k < dimension; k++) {
      m[k] = momentum * before[k] + (1 - momentum) * g[k];
      x[k] = model[k] - rate * m[k];
    }
    requireFiniteModels([x], t);
    for (let round = 0; round < rounds; round++) {
      let outcome = await exchange(x, t, round);
      if (outcome.meeting !== undefined) {
        [t, round] = [outcome.meeting, 0];
        missedDeadlines += 1;
        caughtUp += 1;
        bytesSent += messageBytes;
        outcome = await exchange(x, t, round);
      }
      bytesSent += messageBytes;
      if (!outcome.inTime) missedDeadlines += 1;
      received = outcome.received.length + 1;
      if (outcome.ahead !== undefined) {
        t = outcome.ahead;
        caughtUp += 1;
        inbox.open(t, rounds - 1);
        const later = inbox.models();
        received = later.length + 1;
        x = mixed(x, later, 0);
        // Nodes that still wait in that round may need one model more.
        await transport.broadcast(encodeModel({ run, sender: node, step: t, round: rounds - 1, model: x }));
        bytesSent += messageBytes;
        break;
      }
      x = mixed(x, outcome.received, outcome.garbage);
    }
    const { rejected } = inbox;
    return {
      model: x,
      momentum: m,
      numbers: { step: t + 1, received, missedDeadlines, caughtUp, rejected, bytesSent },
    };
  }

  const bad = firstNonFinite(start);
  if (bad >= 0) throw new ArgumentError(`start must be finite, got ${start[bad]} at index ${bad}`);
  const unsubscribe = transport.subscribe((envelope) => inbox.receive(envelope));
  try {
    yield* iterates<PeerState, PeerView & { readonly model: Vector }>(
      {
        fields: { model: start.length, momentum: start.length, numbers: undefined },
        start: () => ({
          model: start.slice(),
          momentum: zerosAs(start),
          numbers: { step: 0, received: 0, missedDeadlines: 0, caughtUp: 0, rejected: {}, bytesSent: 0 },
        }),
        step,
        view: ({ model, numbers }) => ({ ...numbers, model }),
      },
      { resume, signal },
    );
  } finally {
    unsubscribe();
  }
}
