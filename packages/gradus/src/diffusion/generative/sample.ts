import type { CompileOptions } from "@gradus/graph";
import { checkOptions } from "../../check/options.ts";
import type { Method } from "../../iterate/iterate.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import {
  type CompileSamplerOptions,
  compileSampler,
  pathOptions,
  runOptions,
  type SampleIterate,
  type SamplePathRun,
  type SampleRun,
  type Samples,
  type SampleWatch,
  watchOptions,
} from "./compile-sampler.ts";
import type { DiffusionModel } from "./model.ts";

const compileOptions = ["sampler", "threads", "runtime"] as const;

export interface SampleOptions extends SampleRun, SampleWatch, CompileSamplerOptions {}

export interface SamplePathOptions extends SamplePathRun, CompileSamplerOptions {}

function parted<R extends SampleRun>({ sampler, threads, runtime, ...run }: R & CompileSamplerOptions) {
  const compiled: CompileSamplerOptions & CompileOptions = { sampler, threads, runtime };
  return { compiled, run };
}

/**
 * Samples of a model: particles from noise back to data, in one call of the engine unless they are watched. The same seed
 * gives the same samples.
 *
 *     const { samples } = await sample(model, { count: 4000, steps: 25, sampler: "probability-flow", seed: 1 });
 *
 * @throws ArgumentError naming an option that is not usable
 * @throws ConvergenceError when particles overflow, or an ambient step makes them negative or 0 and `onNonPositive` is
 *   `"error"`
 * @throws the signal's reason on abort
 */
export async function sample<P extends ValuesOf<P>>(
  model: DiffusionModel<P>,
  options: SampleOptions = {},
): Promise<Samples> {
  checkOptions("sample", options, [...runOptions, ...watchOptions, ...compileOptions]);
  options.signal?.throwIfAborted();
  const { compiled, run } = parted(options);
  using sampler = await compileSampler(model, compiled);
  return await sampler.sample(run);
}

/**
 * The samples of `sample` with iterates on the way, from which sampling resumes bit for bit.
 *
 * @throws what `sample` throws
 */
export async function* samplePath<P extends ValuesOf<P>>(
  model: DiffusionModel<P>,
  options: SamplePathOptions = {},
): Method<SampleIterate> {
  checkOptions("samplePath", options, [...pathOptions, ...compileOptions]);
  const { compiled, run } = parted<SamplePathRun>(options);
  using sampler = await compileSampler(model, compiled);
  yield* sampler.path(run);
}
