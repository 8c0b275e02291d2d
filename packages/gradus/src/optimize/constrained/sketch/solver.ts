import { ArgumentError } from "../../../check/errors.ts";
import { checkIntegerWithin } from "../../../check/numbers.ts";
import { checkOneOf } from "../../../check/options.ts";
import { norm2 } from "../../../linalg/vector.ts";
import { designMap, uncheckedDesignMap } from "../../../objectives/design-map.ts";
import { checkDesign } from "../../../objectives/design-matrix.ts";
import type { RandomStream } from "../../../random/stream.ts";
import { blockProjector } from "./block.ts";
import {
  entryCount,
  type SketchKind,
  type SketchMaker,
  type SketchProjector,
  type SystemMatrix,
} from "./contract.ts";
import { gaussianVector } from "./gaussian.ts";
import { kaczmarz } from "./kaczmarz.ts";

export const sketchKinds: readonly SketchKind[] = [
  "kaczmarz",
  "kaczmarz-weighted",
  "gaussian",
  "block",
  "block-gaussian",
];

/**
 * Checks the kind of sketch and a block's size.
 *
 * @returns the block's size: `size`, or about the square root of the number of rows
 * @throws ArgumentError naming what is out of range
 */
export function checkSketch(
  sketch: SketchKind | SketchMaker,
  size: number | undefined,
  rows: number,
): number {
  if (typeof sketch !== "function") checkOneOf(sketchKinds, { sketch });
  const blocks = sketch === "block" || sketch === "block-gaussian";
  if (size !== undefined && !blocks)
    throw new ArgumentError(`sketchSize applies to block sketches only, got ${size} with ${sketch}`);
  const chosen = size ?? (blocks ? Math.ceil(Math.sqrt(rows)) : 1);
  checkIntegerWithin(1, rows, { sketchSize: chosen });
  return chosen;
}

/** The projector of a kind of sketch. */
export function makeProjector(
  A: SystemMatrix,
  b: Float64Array,
  stream: RandomStream,
  kind: SketchKind | SketchMaker,
  size: number,
): SketchProjector {
  if (typeof kind === "function") return kind(A, b, stream);
  if (kind === "kaczmarz" || kind === "kaczmarz-weighted")
    return kaczmarz(A, b, stream, { weighted: kind === "kaczmarz-weighted" });
  const [map, entries] = [designMap(A), entryCount(A)];
  if (kind === "gaussian") return gaussianVector(map, b, stream, entries);
  return blockProjector(map, b, stream, { size, gaussian: kind === "block-gaussian", entries });
}

/** A system under way: z, and its residual, measured anew now and then. */
export interface SketchRun {
  readonly z: Float64Array;
  steps: number;
  /** Multiplications and additions, measurements included. */
  flops: number;
  residualNorm: number;
  /** Numbers kept beside A, b and z. */
  readonly storage: number;
  /** Sweeps until the next measurement. */
  ahead: number;
  /** As many sweeps as `ahead` says, but no more than `most` steps, and a measurement. */
  advance(most: number, threshold: number): void;
}

/** A measurement comes after at most this many sweeps. */
const LONGEST_WAIT = 32;

/**
 * Sweeps until the next measurement: half of those that the decay since the last one promises to the threshold, so that
 * measurements cost little and no more than a few sweeps are wasted.
 */
function waitAfter(before: number, after: number, sweeps: number, threshold: number): number {
  const decay = Math.log(before / after) / sweeps;
  const remaining = decay > 0 ? Math.log(after / threshold) / decay : Number.POSITIVE_INFINITY;
  return Math.max(1, Math.min(LONGEST_WAIT, 2 * sweeps, Math.floor(remaining / 2)));
}

/**
 * Starts from z, which is overwritten.
 *
 * @param options.ahead sweeps until the first measurement
 * @param options.unscale the residual of equation i of the system as it was given is this times the one here
 */
export function sketchRun(
  A: SystemMatrix,
  b: Float64Array,
  z: Float64Array,
  projector: SketchProjector,
  { unscale, ahead = 1 }: { unscale?: Float64Array; ahead?: number } = {},
): SketchRun {
  checkDesign(A);
  const { product } = uncheckedDesignMap(A); // measured a few times
  const entries = entryCount(A);
  const residual = new Float64Array(A.rows);
  // as many steps as read A twice
  const sweep = Math.max(1, Math.round((4 * entries) / projector.flopsPerStep));

  function measure(): void {
    product(run.z, residual);
    for (let i = 0; i < residual.length; i++) residual[i] -= b[i];
    if (unscale) for (let i = 0; i < residual.length; i++) residual[i] *= unscale[i];
    run.residualNorm = norm2(residual);
    run.flops += 2 * entries;
  }

  const run: SketchRun = {
    z,
    steps: 0,
    flops: 0,
    residualNorm: 0,
    storage: projector.storage + A.rows,
    ahead,
    advance(most, threshold) {
      const steps = Math.min(sweep * run.ahead, most);
      const before = run.residualNorm;
      projector.advance(z, steps);
      run.steps += steps;
      run.flops += steps * projector.flopsPerStep;
      measure();
      run.ahead = waitAfter(before, run.residualNorm, run.ahead, threshold);
    },
  };
  measure();
  return run;
}
