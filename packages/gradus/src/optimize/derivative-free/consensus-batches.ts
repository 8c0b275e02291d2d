import type { RandomStream } from "../../random/stream.ts";
import type { ParticleBatch } from "./consensus-options.ts";
import type { ConsensusState } from "./consensus-state.ts";

/** Whose values count for a run's consensus, and who moves: all N particles, or random batches of them in turn. */
export interface ConsensusBatches {
  /** Particles of a batch, at most. */
  readonly size: number;
  /** Goes to the next batch; drawn anew once all particles have had their turn. */
  advance(work: ConsensusState): void;
  /** The particles of a run whose values count. */
  of(work: ConsensusState, run: number): Int32Array;
  /** The particles of a run that move. */
  moving(work: ConsensusState, run: number): Int32Array;
  /** The points of the present batch, run by run. */
  points(work: ConsensusState, active: readonly number[]): Float64Array;
  /** How many values a run's next batch asks for. */
  nextSize(work: ConsensusState): number;
}

/** The batches of M runs of N particles in R^d; each run shuffles its particles by its own stream. */
export function consensusBatches(
  batch: ParticleBatch | undefined,
  {
    runs,
    count,
    dimension: d,
  }: { readonly runs: number; readonly count: number; readonly dimension: number },
  streams: readonly RandomStream[],
): ConsensusBatches {
  const size = batch?.size ?? count;
  const everyone = Int32Array.from({ length: count }, (_, i) => i);
  const of = (work: ConsensusState, m: number): Int32Array =>
    batch ? work.order.subarray(m * count + work.batchStart, m * count + work.batchEnd) : everyone;
  return {
    size,
    of,
    moving: (work, m) => (batch?.update === "partial" ? of(work, m) : everyone),
    advance(work) {
      if (!batch) {
        work.batchEnd = count;
        return;
      }
      work.batchStart = work.batchEnd === count ? 0 : work.batchEnd;
      work.batchEnd = Math.min(count, work.batchStart + size);
      if (work.batchStart > 0) return;
      for (let m = 0; m < runs; m++) streams[m].shuffle(work.order.subarray(m * count, (m + 1) * count));
    },
    points(work, active) {
      if (!batch && active.length === runs) return work.particles;
      const points = new Float64Array(active.length * (work.batchEnd - work.batchStart) * d);
      let at = 0;
      for (const m of active)
        for (const i of of(work, m)) {
          const from = (m * count + i) * d;
          points.set(work.particles.subarray(from, from + d), at);
          at += d;
        }
      return points;
    },
    nextSize: (work) => (batch ? Math.min(size, count - (work.batchEnd % count)) : count),
  };
}
