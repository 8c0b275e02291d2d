import type { Model } from "gradus/nn";
import { randomStream } from "gradus/random";
import type { Values } from "gradus/tree";
import { type ExperimentContext, type ExperimentRun, point, progress } from "../experiment.ts";
import type { ImageSplit } from "./image-sets.ts";
import {
  type Comparison,
  compileClassification,
  type Growth,
  runScheme,
  type Scheme,
  type SchemeFigures,
  schemeFigures,
} from "./schemes.ts";

/** A comparison, and the number of samples of each of its schemes. */
export interface ImageComparison extends Comparison {
  readonly samples: number;
}

const start = <P extends Values>(model: Model<P>, seed: number) =>
  model.parameters({ stream: randomStream(seed).split("parameters"), dtype: "f32" });

/** The data and settings of the trainings. */
export interface Training<P extends Values> {
  readonly name: string;
  readonly model: Model<P>;
  readonly data: ImageSplit;
  readonly learningRate: number;
  readonly microBatch?: number;
  readonly schemes: readonly Scheme[];
  readonly samples: number;
}

/** Trains by every scheme, one stage each, and draws the accuracies. */
export async function* trainings<P extends Values>(
  { name, model, data, learningRate, microBatch, schemes, samples }: Training<P>,
  { seed, signal, stage }: Pick<ExperimentContext<unknown>, "seed" | "signal" | "stage">,
): ExperimentRun<ImageComparison> {
  const figures: SchemeFigures[] = [];
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
    const own = yield* stage(`${name}, ${scheme.name}`, async function* () {
      const show = ({ samples: x, batchSize }: Growth) => [
        point("growth", `${name}, ${scheme.name}`, x, batchSize),
      ];
      const outcome = yield* runScheme(classification, {
        parameters,
        scheme,
        seed,
        samples,
        signal,
        show: scheme.eta === undefined ? undefined : show,
      });
      const group = scheme.eta === undefined ? "batches of one size" : "batches by the norm test";
      yield point("accuracy", `${name}, ${group}`, outcome.steps, outcome.accuracy);
      return schemeFigures(scheme, [outcome]);
    });
    figures.push(own);
  }
  return { name, initial: schemes[0].policy.initial, samples, schemes: figures };
}
