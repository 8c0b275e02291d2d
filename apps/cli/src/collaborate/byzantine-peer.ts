import {
  type Attack,
  collaborativeAttacks,
  faultyPeer,
  notANumber,
  type Transport,
} from "gradus/collaborative";
import { type RandomStream, randomStream } from "gradus/random";
import { digitsModel, digitsProblem } from "./digits-problem.ts";
import { learn } from "./honest-peer.ts";
import { type CollaborativePlan, honestPeers, learningRateOf, methodOf } from "./plan.ts";

const EVALUATIONS = 8;

/** Replaces each message with a different kind of malformed one. */
function garbledTransport(models: Transport, wire: Transport, random: RandomStream): Transport {
  const noise = (length: number) => Uint8Array.from({ length }, () => random.integer(256));
  return {
    ...models,
    broadcast(bytes) {
      switch (random.integer(5)) {
        case 0:
          return models.broadcast(bytes);
        case 1:
          return models.broadcast(bytes.subarray(0, random.integer(bytes.length)));
        case 2:
          return models.broadcast(noise(bytes.length));
        case 3:
          // Not signed by anyone.
          return wire.broadcast(noise(bytes.length));
        default: {
          // A header that claims another sender.
          const forged = bytes.slice();
          forged[12] ^= 1;
          return models.broadcast(forged);
        }
      }
    },
  };
}

function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
  });
}

/** Learns as an honest peer does, on labels that are flipped, as long as the honest ones do. */
async function learnFlipped(plan: CollaborativePlan, models: Transport, signal: AbortSignal): Promise<void> {
  await using problem = await digitsProblem(plan, models.node);
  for await (const { step } of learn({ plan, problem, models, signal })) if (step >= plan.steps) return;
}

/**
 * A Byzantine peer. ALIE, FOE and SF send what harms by the models of the step before, and so arrive before the honest
 * ones: the worst arrival of the specification. LF knows nothing of others: it learns, on flipped labels, and sends what
 * it has learned. Ends only by the signal.
 *
 * @throws the signal's reason
 */
export async function runByzantinePeer(
  plan: CollaborativePlan,
  models: Transport,
  wire: Transport,
  signal: AbortSignal,
): Promise<void> {
  const { attack: name, byzantine, peers, run, seed, deadline } = plan;
  if (name === "LF") await learnFlipped(plan, models, signal);
  if (name === "LF" || name === "silent") return silence(signal);
  const random = randomStream(seed).split("garbage").split(models.node);
  const isGarbage = name === "garbage";
  const attack: Attack = isGarbage ? notANumber() : collaborativeAttacks(EVALUATIONS)[name]();
  const rounds = faultyPeer({
    nodes: peers,
    faulty: byzantine,
    mixing: methodOf(plan).mixing,
    learningRate: learningRateOf(plan),
    transport: isGarbage ? garbledTransport(models, wire, random) : models,
    attack,
    start: digitsModel(plan),
    waitFor: Math.max(1, honestPeers(plan) - byzantine),
    early: true,
    deadline,
    run,
    seed,
    signal,
  });
  for await (const _round of rounds);
}
