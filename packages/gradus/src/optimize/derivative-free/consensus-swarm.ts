import { blasAvailable } from "@gradus/blas";
import { Swarm } from "@gradus/blas/particles";
import { compiledFrom } from "../../linalg/compiled.ts";
import { generatorOf, type RandomStream } from "../../random/stream.ts";
import { ziggurat } from "../../random/ziggurat.ts";
import type { NoiseKind } from "./consensus-step.ts";

/** Runs of particles of which all move, without memory or gradients. */
interface SwarmSizes {
  readonly runs: number;
  readonly count: number;
  readonly dimension: number;
}

/** What a step needs beside the sizes. */
interface SwarmStep {
  readonly noiseKind: NoiseKind;
  readonly pull: number;
  readonly scatter: number;
  readonly maxRadius: number;
}

/** Particles that move in compiled code, all runs at once. */
export interface MovedTogether {
  /** Moves the particles of these runs, by noise of their streams, to the bits of `consensusStep`. */
  move(
    arrays: { readonly particles: Float64Array; readonly consensus: Float64Array },
    active: readonly number[],
    step: SwarmStep,
  ): void;
  /** max_i ||X^i - c||_inf of a run that has just moved. */
  spread(run: number, consensus: Float64Array): number;
}

/** Moves particles together where that is faster than run by run; undefined where it is not. */
export function movedTogether(
  { runs, count, dimension }: SwarmSizes,
  streams: readonly RandomStream[],
): MovedTogether | undefined {
  if (count * dimension < compiledFrom.particleSteps || !blasAvailable()) return undefined;
  const swarm = new Swarm(runs, count, dimension);
  const generators = streams.map(generatorOf);
  return {
    move({ particles, consensus }, moving, { noiseKind, pull, scatter, maxRadius }) {
      const step = { noiseKind, pull, scatter, most: maxRadius };
      swarm.move({ particles, centers: consensus, moving, streams: generators, ziggurat, ...step });
    },
    spread: (run, consensus) => swarm.spread(run, consensus),
  };
}
