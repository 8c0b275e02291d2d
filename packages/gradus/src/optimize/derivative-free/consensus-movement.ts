import type { RandomStream } from "../../random/stream.ts";
import { spreadAround } from "./consensus-agreement.ts";
import type { ConsensusBatches } from "./consensus-batches.ts";
import type { ConsensusSettings } from "./consensus-options.ts";
import type { ConsensusState } from "./consensus-state.ts";
import { consensusStep } from "./consensus-step.ts";
import { movedTogether } from "./consensus-swarm.ts";
import { addMemoryDrift } from "./memory-drift.ts";
import { projectOntoBox, type Sides } from "./particles.ts";
import { ruleAt } from "./step-rule.ts";

/** How the particles of M runs move. */
export interface ConsensusMovement {
  /** sigma of a step. */
  noiseAt(step: number): number;
  /**
   * Moves the particles of the runs that go on by a step, its kicks and the projection onto the bounds.
   *
   * @param gradients at the moving particles of these runs, for gradient drift
   */
  move(
    work: ConsensusState,
    active: readonly number[],
    step: number,
    gradients: Float64Array | undefined,
  ): void;
  /** max_i ||X^i - c||_inf of a run. */
  spread(work: ConsensusState, run: number, step: number): number;
}

/** The movement of M runs of N particles in R^d, each by its own stream. */
export function consensusMovement(
  settings: ConsensusSettings,
  size: { readonly count: number; readonly dimension: number; readonly bounds: Sides | undefined },
  batches: ConsensusBatches,
  streams: readonly RandomStream[],
): ConsensusMovement {
  const { timeStep, drift, noiseKind, maxNoiseRadius, gradientDrift, memory, particleBatch, runs } = settings;
  const { count, dimension: d, bounds } = size;
  const pull = drift * timeStep;
  const noise = new Float64Array(count * d);
  const plain = !particleBatch && !memory && gradientDrift === 0;
  const together = plain ? movedTogether({ runs, count, dimension: d }, streams) : undefined;
  const noiseAt = (step: number): number => ruleAt("noise", settings.noise, step, "non-negative");

  /** What is added to the usual step, at the positions before it. */
  function additions(
    work: ConsensusState,
    m: number,
    gradients: Float64Array | undefined,
  ): Float64Array | undefined {
    if (!memory && !gradients) return undefined;
    const moving = batches.moving(work, m);
    const shift = new Float64Array(moving.length * d);
    if (gradients) for (let k = 0; k < shift.length; k++) shift[k] = -gradientDrift * timeStep * gradients[k];
    if (!memory) return shift;
    const draws = noise.subarray(0, shift.length);
    if (memory.noise > 0) streams[m].fillNormalZiggurat(draws);
    else draws.fill(0);
    const { particles, memories, memoryValues } = work;
    addMemoryDrift(shift, {
      particles,
      memories,
      memoryValues,
      first: m * count,
      moving,
      dimension: d,
      pull: memory.drift * timeStep,
      scatter: memory.noise * Math.sqrt(timeStep),
      noise: draws,
      noiseKind,
      maxRadius: maxNoiseRadius,
    });
    return shift;
  }

  function moveRun(work: ConsensusState, m: number, scatter: number, gradients?: Float64Array): void {
    const moving = batches.moving(work, m);
    const at = m * count * d;
    const shift = additions(work, m, gradients);
    const draws = moving.length === count ? noise : noise.subarray(0, moving.length * d);
    streams[m].fillNormalZiggurat(draws);
    const { particles, consensus } = work;
    consensusStep(noiseKind, count, {
      particles,
      at,
      moving,
      consensus,
      consensusAt: m * d,
      dimension: d,
      pull,
      scatter,
      noise: draws,
      maxRadius: maxNoiseRadius,
    });
    if (shift)
      for (let k = 0; k < moving.length; k++)
        for (let j = 0; j < d; j++) particles[at + moving[k] * d + j] += shift[k * d + j];
  }

  function kickAndProject(work: ConsensusState, m: number, scatter: number): void {
    const own = work.particles.subarray(m * count * d, (m + 1) * count * d);
    if (work.kicks[m] === 1) {
      streams[m].fillNormalZiggurat(noise);
      for (let k = 0; k < noise.length; k++) own[k] += scatter * noise[k];
    }
    if (bounds) projectOntoBox(own, bounds);
  }

  return {
    noiseAt,
    move(work, active, step, gradients) {
      const scatter = noiseAt(step) * Math.sqrt(timeStep);
      together?.move(work, active, { noiseKind, pull, scatter, maxRadius: maxNoiseRadius });
      let at = 0;
      for (const m of active) {
        if (!together) {
          const length = batches.moving(work, m).length * d;
          moveRun(work, m, scatter, gradients?.subarray(at, at + length));
          at += length;
        }
        kickAndProject(work, m, scatter);
      }
    },
    spread(work, m, step) {
      // known where a step is all that has moved a particle
      const known = together && step > 0 && !bounds && work.kicks[m] === 0;
      return known ? together.spread(m, work.consensus) : spreadAround(work, m, count, d);
    },
  };
}
