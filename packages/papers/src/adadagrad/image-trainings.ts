import type { Model } from "gradus/nn";
import { randomStream } from "gradus/random";
import type { Values } from "gradus/tree";
import { formatFigure } from "../check.ts";
import type { ExperimentContext, ExperimentRun } from "../experiment.ts";
import { point, progress, table } from "../experiment.ts";
import type { ImageSplit } from "./image-sets.ts";
import {
  compileClassification,
  type Growth,
  type Outcome,
  runScheme,
  type Scheme,
  schemeColumns,
} from "./schemes.ts";

const start = <P extends Values>(model: Model<P>, seed: number) =>
  model.parameters({ stream: randomStream(seed).split("parameters"), dtype: "f32" });

/** What is trained on, and how. */
export interface Training<P extends Values> {
  readonly name: string;
  readonly model: Model<P>;
  readonly data: ImageSplit;
  readonly learningRate: number;
  readonly microBatch?: number;
  readonly schemes: readonly Scheme[];
  readonly samples: number;
}

/** Trains by every scheme, a stage each, and draws the accuracies. */
export async function* trainings<P extends Values>(
  { name, model, data, learningRate, microBatch, schemes, samples }: Training<P>,
  { seed, signal, stage }: Pick<ExperimentContext<unknown>, "seed" | "signal" | "stage">,
): ExperimentRun<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const parameters = start(model, seed);
  using classification = await compileClassification({
    model,
    parameters,
    ...data,
    learningRate,
    microBatch,
  });
  for (const [s, scheme] of schemes.entries()) {
    yield progress(s / schemes.length, `${name}, ${scheme.name}`);
    const outcome = yield* stage(`${name}, ${scheme.name}`, async function* () {
      const show = ({ samples: x, batchSize }: Growth) => [
        point("growth", `${name}, ${scheme.name}`, x, batchSize),
      ];
      const own = yield* runScheme(classification, {
        parameters,
        scheme,
        seed,
        samples,
        signal,
        show: scheme.eta === undefined ? undefined : show,
      });
      const group = scheme.eta === undefined ? "batches of one size" : "batches by the norm test";
      yield point("accuracy", `${name}, ${group}`, own.steps, own.accuracy);
      return own;
    });
    outcomes.set(scheme.name, outcome);
  }
  yield table({
    id: name,
    title: `${name}, ${formatFigure(samples)} samples`,
    columns: schemeColumns,
    rows: [...outcomes].map(([scheme, { growth: _, decreases: __, ...figures }]) => ({ scheme, ...figures })),
  });
  return outcomes;
}
