export * from "./aggregate/centered-clipping.ts";
export {
  type GeometricMedianOptions,
  geometricMedian,
  geometricMedianMixing,
} from "./aggregate/geometric-median.ts";
export * from "./aggregate/nearest-neighbors.ts";
export * from "./aggregate/plain-mean.ts";
export type * from "./aggregate/rule.ts";
export { coordinateTrimmedMean, trimmedMean } from "./aggregate/trimmed-mean.ts";
export { type Arrival, type LateNodes, lateNodes, type Membership } from "./arrival.ts";
export { type DirectedAttackOptions, fallOfEmpires, littleIsEnough } from "./attack/along-direction.ts";
export type { Attack, AttackContext, AttackMemory, FaultyModels } from "./attack/contract.ts";
export { displacementAlong } from "./attack/displacement.ts";
export { labelFlip } from "./attack/label-flip.ts";
export { maximizeOnHalfLine } from "./attack/line-search.ts";
export { mimic } from "./attack/mimic.ts";
export { notANumber } from "./attack/not-a-number.ts";
export { signFlip } from "./attack/sign-flip.ts";
export {
  digitsNetwork,
  type LabeledImages,
  normRegularizedLoss,
  shuffledDigits,
  testAccuracy,
} from "./digits.ts";
export { type Geometry, geometryOf } from "./geometry.ts";
export { type GraphMixing, graphMixing } from "./graph-mixing.ts";
export { type LocalLoss, type LocalLossOptions, localLoss } from "./local-loss.ts";
export { type CollaborativeMethod, collaborativeAttacks, collaborativeMethods } from "./methods.ts";
export { type Combine, mixRound, type Round } from "./mixing.ts";
export type { SharedOptions } from "./options.ts";
export { type DirichletPartitionOptions, dirichletPartition } from "./partition.ts";
export * from "./peer/faulty-peer.ts";
export * from "./peer/in-process.ts";
export {
  decodeModel,
  type Expectation,
  encodeModel,
  type ModelMessage,
  type Rejection,
} from "./peer/message.ts";
export { type PeerOptions, type PeerState, type PeerView, peer } from "./peer/peer.ts";
export type * from "./peer/transport.ts";
export { type CollaborativeProblem, type LocalObjectivesOptions, localObjectives } from "./problem.ts";
export * from "./reduction.ts";
export {
  type CollaborativeModels,
  type CollaborativeTrainingOptions,
  type CollaborativeTrainingState,
  type CollaborativeTrainingView,
  collaborativeTraining,
} from "./training.ts";
export * from "./transport/chunked.ts";
export {
  generateSigningKeys,
  type Sign,
  type SigningKeys,
  signer,
  type Verify,
  verifier,
} from "./transport/keys.ts";
export * from "./transport/nats.ts";
export * from "./transport/rejoinable.ts";
export {
  SIGNED_BYTES,
  type SignedTransport,
  type SignedTransportOptions,
  signedTransport,
} from "./transport/signed.ts";
export type { Vector } from "./vector.ts";
