import { basename } from "node:path";
import { DataError } from "gradus/check";
import { type CurvatureKind, type FileData, fileCurvature, loadCurvature } from "gradus/curvature";
import { either } from "../command-line/suggest.ts";
import { readData } from "../data-files/read-data.ts";
import { SourceError } from "../data-files/source-error.ts";
import type { Tables } from "../data-files/table.ts";
import { losses } from "../model/choices.ts";
import { orSourceError, readModelFile } from "../model/model-file.ts";
import { assertFinite } from "./finite.ts";
import { matrixNames, type SpectrumSource } from "./source.ts";

export interface OnnxSourceOptions {
  /** The words of `--data`. */
  readonly data: readonly string[];
  readonly tables: Tables;
  /** What was asked for; the file's own when left out. */
  readonly matrix?: CurvatureKind;
  readonly memoryLimit?: number;
}

async function load(file: string) {
  const { bytes, external } = await readModelFile(file);
  try {
    return await orSourceError(file, () => loadCurvature(bytes, { external }));
  } catch (cause) {
    // A model that anybody exported, without the products of a loss in it.
    if (cause instanceof DataError)
      throw new SourceError(
        `${file} is a model without a loss: --loss says what makes its predictions good, ${either(losses)}, --target what it is to predict`,
        { cause },
      );
    throw cause;
  }
}

/**
 * Curvature that an ONNX file of `exportCurvature` gives the products of, on data from files.
 *
 * @throws SourceError, DataError, UsageError naming what the file or the data lack
 */
export async function onnxSource(
  file: string,
  { data: words, tables, matrix, memoryLimit }: OnnxSourceOptions,
): Promise<SpectrumSource> {
  const model = await load(file);
  try {
    if (matrix !== undefined && matrix !== model.matrix)
      throw new SourceError(
        `${file} contains the ${matrixNames[model.matrix]}, not the ${matrixNames[matrix]}; write it with exportCurvature({ ..., matrix: "${matrix}" })`,
      );
    const data: FileData = await readData(words, model.data, tables);
    assertFinite(data, "data");
    return { name: basename(file), model: fileCurvature(model, data, { memoryLimit }) };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
