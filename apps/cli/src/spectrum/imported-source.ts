import { basename } from "node:path";
import { type CurvatureKind, modelCurvature } from "gradus/curvature";
import {
  type ModelData,
  type ModelLossName,
  modelObjective,
  moduleSlots,
  rowInputs,
  trainableParameters,
} from "gradus/models";
import type { Tables } from "../data-files/table.ts";
import { readExamples } from "../model/examples.ts";
import { type InputWords, inputOptions } from "../model/input-options.ts";
import { importModelFile, orSourceError } from "../model/model-file.ts";
import type { Normalization } from "../model/normalize.ts";
import type { SpectrumSource } from "./source.ts";

export interface ImportedSourceOptions extends Normalization, InputWords {
  /** The words of `--data`. */
  readonly data: readonly string[];
  readonly tables: Tables;
  readonly target?: string;
  readonly loss: ModelLossName;
  readonly output?: string;
  /** Parameters at which the loss is held fixed. */
  readonly freeze?: readonly string[];
  readonly matrix: CurvatureKind;
  readonly memoryLimit?: number;
}

type Parameters = ReturnType<typeof trainableParameters>;

/**
 * Curvature of a loss of an ONNX model, such as one that PyTorch exported, on examples from files.
 *
 * @throws SourceError, DataError, UsageError naming what the file or the examples lack
 */
export async function importedSource(file: string, options: ImportedSourceOptions): Promise<SpectrumSource> {
  const { data: words, tables, target, loss, output, freeze, matrix, memoryLimit, mean, std } = options;
  const { model } = await importModelFile(file);
  const arrangement = inputOptions(options);
  const inputs = orSourceError(file, () => rowInputs(model, arrangement));
  const examples = await readExamples({ data: words, target, loss, inputs, tables, mean, std });
  return orSourceError(file, async () => {
    const objective = modelObjective(model, { data: examples.data, loss, output, ...arrangement });
    const curvature = await modelCurvature<Parameters, ModelData>({
      parameters: trainableParameters(model, freeze),
      data: objective.data,
      loss: objective.loss,
      model: (parameters, batch) => objective.scores(parameters, batch.inputs),
      curvature: objective.curvature,
      matrix,
      memoryLimit,
    });
    return { name: basename(file), model: { ...curvature, slots: moduleSlots(model, curvature.slots) } };
  });
}
