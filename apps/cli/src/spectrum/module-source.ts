import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { type ArrayValue, flattenTree, isArrayValue, type Tensor, type Tree } from "@gradus/graph";
import { GradusError } from "gradus/check";
import { type CurvatureKind, modelCurvature } from "gradus/curvature";
import type { OutputCurvature } from "gradus/losses";
import { SourceError } from "../data-files/source-error.ts";
import { UsageError } from "../errors.ts";
import { unreadable } from "../files/unreadable.ts";
import { assertFinite } from "./finite.ts";
import { importModule } from "./import-module.ts";
import { matrixNames, type SpectrumSource } from "./source.ts";

type Arrays = Tree<ArrayValue>;
type Tensors = Tree<Tensor>;

/** What a module must export, by name or as its default: the fields of gradus' `LossProblem`. */
interface ModuleProblem {
  readonly loss: (parameters: Tensors, batch: Tensors) => Tensor;
  readonly parameters: Arrays;
  readonly data: Arrays;
  /** For the Gauss-Newton matrix. */
  readonly model?: (parameters: Tensors, batch: Tensors) => Tensor;
  readonly curvature?: OutputCurvature;
}

const WANTED = "export loss, parameters and data, as named exports or in one default-exported object";

/** A field of the module, called where it is a function that gives the field. */
async function resolved(value: unknown, what: string, file: string): Promise<unknown> {
  if (typeof value !== "function") return value;
  try {
    return await value();
  } catch (cause) {
    throw new SourceError(`${what} of ${file} failed: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

function treeOfArrays(value: unknown, name: string, file: string): Arrays {
  if (value === undefined) throw new SourceError(`${file} exports no ${name}; it must ${WANTED}`);
  const leafPaths: string[] = [];
  try {
    const { paths } = flattenTree(value, isArrayValue);
    leafPaths.push(...paths);
  } catch (cause) {
    const bare = findBare(value, name);
    throw new SourceError(
      bare ??
        `${name} of ${file} must be arrays in plain objects: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
  if (leafPaths.length === 0)
    throw new SourceError(`${name} of ${file} must have at least one array, got none`);
  return value as Arrays; // all leaves are arrays: flattenTree has been through
}

/** A typed array without its shape, the likeliest mistake, by its path. */
function findBare(value: unknown, path: string): string | undefined {
  if (ArrayBuffer.isView(value))
    return `${path} is a ${value.constructor.name} without a shape; wrap it with array(values, [rows, columns]) from @gradus/graph`;
  if (isArrayValue(value) || typeof value !== "object" || value === null) return undefined;
  for (const [key, below] of Object.entries(value)) {
    const found = findBare(below, `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function readProblem(file: string): Promise<ModuleProblem> {
  const exported = await importModule(file);
  const whole = await resolved(exported.default ?? {}, "the default export", file);
  if (typeof whole !== "object" || whole === null)
    throw new SourceError(`${file} must ${WANTED}; its default export is ${typeof whole}`);
  const fields: Readonly<Record<string, unknown>> = { ...exported, ...whole };
  const { loss, model, curvature } = fields;
  if (typeof loss !== "function")
    throw new SourceError(
      `${file} ${loss === undefined ? "exports no loss" : `exports a loss that is not a function but ${typeof loss}`}; it must ${WANTED}: loss(parameters, batch) is a traced scalar, the mean over the batch's rows`,
    );
  if (model !== undefined && typeof model !== "function")
    throw new SourceError(`model of ${file} must be a function of parameters and batch, got ${typeof model}`);
  const parameters = treeOfArrays(await resolved(fields.parameters, "parameters", file), "parameters", file);
  const data = treeOfArrays(await resolved(fields.data, "data", file), "data", file);
  assertFinite(parameters, "parameters");
  assertFinite(data, "data");
  return {
    loss: loss as ModuleProblem["loss"],
    parameters,
    data,
    model: model as ModuleProblem["model"],
    curvature: curvature as ModuleProblem["curvature"],
  };
}

/** What tracing says is wrong with the module's functions is the module's. */
async function traced(problem: ModuleProblem, matrix: CurvatureKind, file: string, memoryLimit?: number) {
  const { model, curvature } = problem;
  if (matrix === "gauss-newton" && (!model || !curvature))
    throw new SourceError(
      `--operator gauss-newton needs ${model ? "curvature" : "model"}, which ${file} does not export: model(parameters, batch) returns the outputs [rows, K]; curvature is that of the loss on the outputs (softmaxCurvature, logisticCurvature or squaredCurvature() from gradus)`,
    );
  try {
    return await modelCurvature<Arrays, Arrays>({ ...problem, matrix, memoryLimit });
  } catch (cause) {
    if (cause instanceof GradusError) throw cause;
    throw new SourceError(
      `the ${matrixNames[matrix]} of ${file} cannot be traced: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}

/**
 * Curvature of a module's loss.
 *
 * @throws UsageError when there is no such file; SourceError naming what the module lacks, or what is no array
 */
export async function moduleSource(
  file: string,
  { matrix, memoryLimit }: { readonly matrix: CurvatureKind; readonly memoryLimit?: number },
): Promise<SpectrumSource> {
  await stat(file).catch((cause: unknown) => {
    throw new UsageError(unreadable(file, cause), { cause });
  });
  const problem = await readProblem(file);
  return { name: basename(file), model: await traced(problem, matrix, file, memoryLimit) };
}
