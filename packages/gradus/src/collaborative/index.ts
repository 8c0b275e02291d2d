// Training

export { type Arrival, type LateNodes, lateNodes, type Membership } from "./arrival.ts";
export {
  digitsNetwork,
  type LabeledImages,
  normRegularizedLoss,
  shuffledDigits,
  testAccuracy,
} from "./digits.ts";
export { type Geometry, geometryOf } from "./geometry.ts";
export { type GraphMixing, graphMixing } from "./graph-mixing.ts";
export { type LabeledTable, type LocalLoss, type LocalLossOptions, localLoss } from "./local-loss.ts";
export { type CollaborativeMethod, collaborativeAttacks, collaborativeMethods } from "./methods.ts";
export { type Combine, type Mixed, mixRound, type Round } from "./mixing.ts";
export { type DirichletPartitionOptions, dirichletPartition } from "./partition.ts";
export { type CollaborativeProblem, type LocalObjectivesOptions, localObjectives } from "./problem.ts";
export {
  publishedReduction,
  type ReductionBound,
  type ReductionCoefficients,
  reductionBound,
  reductionCoefficients,
} from "./reduction.ts";
export {
  type CollaborativeModels,
  type CollaborativeTrainingOptions,
  type CollaborativeTrainingState,
  type CollaborativeTrainingView,
  collaborativeTraining,
} from "./training.ts";
export type { Vector } from "./vector.ts";

// Aggregation

export {
  type CenteredClippingOptions,
  centeredClipping,
  selfCenteredClipping,
} from "./aggregate/centered-clipping.ts";
export {
  type GeometricMedianOptions,
  geometricMedian,
  geometricMedianMixing,
} from "./aggregate/geometric-median.ts";
export {
  type NearestNeighborOptions,
  nearestNeighborAverage,
  nearestNeighbors,
} from "./aggregate/nearest-neighbors.ts";
export { plainMean } from "./aggregate/plain-mean.ts";
export type {
  CoordinateRule,
  MixingRule,
  MixingSituation,
  Received,
  Receiver,
  WeightedRule,
} from "./aggregate/rule.ts";
export { coordinateTrimmedMean, trimmedMean } from "./aggregate/trimmed-mean.ts";

// Attacks

export { type DirectedAttackOptions, fallOfEmpires, littleIsEnough } from "./attack/along-direction.ts";
export type { Attack, AttackContext, AttackMemory, FaultyModels } from "./attack/contract.ts";
export { displacementAlong } from "./attack/displacement.ts";
export { labelFlip } from "./attack/label-flip.ts";
export { maximizeOnHalfLine } from "./attack/line-search.ts";
export { mimic } from "./attack/mimic.ts";
export { notANumber } from "./attack/not-a-number.ts";
export { signFlip } from "./attack/sign-flip.ts";

// Peers

export { type FaultyPeerOptions, type FaultyRound, faultyPeer } from "./peer/faulty-peer.ts";
export { type InProcessNetwork, type InProcessNetworkOptions, inProcessNetwork } from "./peer/in-process.ts";
export { type PeerOptions, type PeerState, type PeerView, peer } from "./peer/peer.ts";
export type { Envelope, Transport } from "./peer/transport.ts";

// Transports

export { type ChunkedTransportOptions, chunkedTransport } from "./transport/chunked.ts";
export {
  generateSigningKeys,
  type Sign,
  type SigningKeys,
  signer,
  type Verify,
  verifier,
} from "./transport/keys.ts";
export { type NatsConnection, type NatsTransportOptions, natsTransport } from "./transport/nats.ts";
export { rejoinable } from "./transport/rejoinable.ts";
export {
  SIGNED_BYTES,
  type SignedTransport,
  type SignedTransportOptions,
  signedTransport,
} from "./transport/signed.ts";

// Shared types

export type { SharedOptions } from "./options.ts";
