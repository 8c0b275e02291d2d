import type { RandomState } from "../../random/stream.ts";

/** Why a run ended: it goes on, met a tolerance, or has all particles at one point to rounding. */
export const running = 0;
export const met = 1;
export const collapsed = 2;

/** Plain data from which consensus-based optimization continues; M runs of N particles in R^d. */
export interface ConsensusState {
  /** M x N x d. */
  readonly particles: Float64Array;
  /** M x N; NaN where a particle was not in a batch yet. */
  readonly values: Float64Array;
  /** M x d: the consensus points of the positions. */
  readonly consensus: Float64Array;
  /** M x d and M: the best point of each run so far, and its value. */
  readonly bestPoints: Float64Array;
  readonly bestValues: Float64Array;
  /** M: max_i ||X^i - c||_inf. */
  readonly spreads: Float64Array;
  /** M: of the last weights. */
  readonly effectiveSampleSizes: Float64Array;
  readonly inverseTemperatures: Float64Array;
  /** M: steps since the consensus point moved by more than the tolerance. */
  readonly resting: Int32Array;
  /** M: 1 where the next step has a kick. */
  readonly kicks: Uint8Array;
  readonly endings: Uint8Array;
  /** M x N x d and M x N: the particles' best positions and values; empty without memory. */
  readonly memories: Float64Array;
  readonly memoryValues: Float64Array;
  /** M x N: each run's order of particles, of which batches are taken. */
  readonly order: Int32Array;
  /** Where the present batch begins and ends in the order. */
  batchStart: number;
  batchEnd: number;
  evaluations: number;
  gradients: number;
  /** Values so far that were NaN or +Infinity. */
  dropped: number;
  randoms: readonly RandomState[];
}

/** The state before anything is drawn. */
export function emptyState(runs: number, count: number, dimension: number, memory: boolean): ConsensusState {
  return {
    particles: new Float64Array(runs * count * dimension),
    values: new Float64Array(runs * count).fill(Number.NaN),
    consensus: new Float64Array(runs * dimension),
    bestPoints: new Float64Array(runs * dimension),
    bestValues: new Float64Array(runs).fill(Number.POSITIVE_INFINITY),
    spreads: new Float64Array(runs),
    effectiveSampleSizes: new Float64Array(runs),
    inverseTemperatures: new Float64Array(runs),
    resting: new Int32Array(runs),
    kicks: new Uint8Array(runs),
    endings: new Uint8Array(runs),
    memories: new Float64Array(memory ? runs * count * dimension : 0),
    memoryValues: new Float64Array(memory ? runs * count : 0).fill(Number.POSITIVE_INFINITY),
    order: Int32Array.from({ length: runs * count }, (_, i) => i % count),
    batchStart: 0,
    batchEnd: 0,
    evaluations: 0,
    gradients: 0,
    dropped: 0,
    randoms: [],
  };
}

/** A copy that shares no array with the state. */
export function copyConsensusState(state: ConsensusState, randoms: readonly RandomState[]): ConsensusState {
  return {
    ...state,
    particles: state.particles.slice(),
    values: state.values.slice(),
    consensus: state.consensus.slice(),
    bestPoints: state.bestPoints.slice(),
    bestValues: state.bestValues.slice(),
    spreads: state.spreads.slice(),
    effectiveSampleSizes: state.effectiveSampleSizes.slice(),
    inverseTemperatures: state.inverseTemperatures.slice(),
    resting: state.resting.slice(),
    kicks: state.kicks.slice(),
    endings: state.endings.slice(),
    memories: state.memories.slice(),
    memoryValues: state.memoryValues.slice(),
    order: state.order.slice(),
    randoms,
  };
}
