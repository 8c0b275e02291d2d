// Training

export { lateNodes } from "./arrival.ts";
export {
  digitsNetwork,
  type LabeledImages,
  normRegularizedLoss,
  shuffledDigits,
  testAccuracy,
} from "./digits.ts";
export { geometryOf } from "./geometry.ts";
export { graphMixing } from "./graph-mixing.ts";
export { type LocalLoss, localLoss } from "./local-loss.ts";
export { type CollaborativeMethod, collaborativeAttacks, collaborativeMethods } from "./methods.ts";
export { mixRound } from "./mixing.ts";
export { dirichletPartition } from "./partition.ts";
export { type CollaborativeProblem, localObjectives } from "./problem.ts";
export { publishedReduction, reductionBound, reductionCoefficients } from "./reduction.ts";
export { type CollaborativeTrainingOptions, collaborativeTraining } from "./training.ts";
export type { Vector } from "./vector.ts";

// Aggregation

export { centeredClipping, selfCenteredClipping } from "./aggregate/centered-clipping.ts";
export { geometricMedian, geometricMedianMixing } from "./aggregate/geometric-median.ts";
export { nearestNeighborAverage, nearestNeighbors } from "./aggregate/nearest-neighbors.ts";
export { plainMean } from "./aggregate/plain-mean.ts";
export type { MixingRule } from "./aggregate/rule.ts";
export { coordinateTrimmedMean, trimmedMean } from "./aggregate/trimmed-mean.ts";

// Attacks

export { fallOfEmpires, littleIsEnough } from "./attack/along-direction.ts";
export type { Attack } from "./attack/contract.ts";
export { displacementAlong } from "./attack/displacement.ts";
export { labelFlip } from "./attack/label-flip.ts";
export { maximizeOnHalfLine } from "./attack/line-search.ts";
export { mimic } from "./attack/mimic.ts";
export { notANumber } from "./attack/not-a-number.ts";
export { signFlip } from "./attack/sign-flip.ts";

// Peers

export { faultyPeer } from "./peer/faulty-peer.ts";
export { type InProcessNetworkOptions, inProcessNetwork } from "./peer/in-process.ts";
export { type PeerState, peer } from "./peer/peer.ts";
export type { Envelope, Transport } from "./peer/transport.ts";

// Transports

export { chunkedTransport } from "./transport/chunked.ts";
export { generateSigningKeys, signer, verifier } from "./transport/keys.ts";
export { type NatsConnection, natsTransport } from "./transport/nats.ts";
export { rejoinable } from "./transport/rejoinable.ts";
export { SIGNED_BYTES, type SignedTransport, signedTransport } from "./transport/signed.ts";
