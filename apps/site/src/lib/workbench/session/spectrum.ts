import { importOnnx } from "@gradus/graph";
import {
  groupTraces,
  measureSpectrum,
  modelCurvature,
  parameterGroups,
  type SpectrumReport,
} from "gradus/curvature";
import { solve } from "gradus/iterate";
import { type ModelLossName, modelObjective, moduleSlots } from "gradus/models";
import type { SpectrumShown } from "../protocol.ts";
import type { TunedOn } from "./tune.ts";

/** The batch for which a learning rate is given, beside all rows. */
const BATCH = 32;
/** Random vectors from which the shares of the trace are estimated. */
const TRACE_PROBES = 8;
/** The share of the time that the spectrum takes. */
const SPECTRUM_SHARE = 0.85;
const SEED = 1;

interface Measuring {
  readonly signal: AbortSignal;
  readonly report: (progress: { readonly fraction: number; readonly stage: string }) => void;
}

/**
 * The curvature of a model's loss on rows: extreme eigenvalues of the Hessian, learning rates that stay stable, and how
 * the trace is shared among groups of parameters.
 *
 * @throws what `modelObjective`, `modelCurvature` and `measureSpectrum` throw
 */
export async function measureCurvature(
  file: Uint8Array,
  { data, ...form }: TunedOn,
  loss: ModelLossName,
  { signal, report }: Measuring,
): Promise<SpectrumShown> {
  const model = importOnnx(file);
  const objective = modelObjective(model, { data, loss, ...form });
  const parameters = Object.fromEntries(
    Object.entries(model.parameters).filter(
      ([name, { shape }]) => shape.length > 0 && !model.frozen.includes(name),
    ),
  );
  using curvature = await modelCurvature({ loss: objective.loss, parameters, data: objective.data });
  const batch = Math.min(BATCH, curvature.rows);
  let found: SpectrumReport | undefined;
  for await (const progress of measureSpectrum(curvature, {
    ...{ top: 3, bottom: 1, steps: 20, probes: 1, batches: [batch] },
    seed: SEED,
    signal,
  })) {
    report({ fraction: SPECTRUM_SHARE * progress.fraction, stage: progress.stage });
    found = progress.report;
  }
  if (!found) throw new Error("the spectrum was not measured");
  report({ fraction: SPECTRUM_SHARE, stage: "shares of the layers" });
  const parts = parameterGroups(moduleSlots(model, curvature.slots));
  const { iterate } = await solve(
    groupTraces(curvature.operator, parts, { probes: TRACE_PROBES, seed: SEED, signal }),
  );
  report({ fraction: 1, stage: "done" });
  return {
    rows: found.rows,
    parameters: found.parameters,
    loss: found.loss,
    largest: found.top,
    smallest: found.bottom[0],
    batch: found.batches[0] && { size: batch, learningRate: found.batches[0].learningRate },
    groups: parts.map(({ path }, g) => ({ path, share: iterate.groups[g].share.value })),
  };
}
