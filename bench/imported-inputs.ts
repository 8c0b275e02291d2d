import { type ArrayValue, onnxGraph } from "@gradus/graph";
import type { RandomStream } from "gradus/random";
import { importedSizes } from "./imported-sizes.ts";

export type ImportedName = "residual" | "transformer";

/** The stored tensors of an exported model that the comparison draws. */
export const drawnTensors = (file: Uint8Array) =>
  onnxGraph(file).stored.filter(({ name }) => name.includes("."));

const { residual, transformer, classes } = importedSizes;
const shapes = {
  residual: [residual.batch, 3, residual.side, residual.side],
  transformer: [transformer.batch, transformer.length, transformer.width],
} as const;

/** Weights as networks start with them: scales about 1, variances positive, the rest by the number of inputs. */
function drawn(name: string, shape: readonly number[], stream: RandomStream): Float32Array {
  const length = shape.reduce((product, one) => product * one, 1);
  const normal = (center: number, deviation: number) =>
    Float32Array.from({ length }, () => center + deviation * stream.normal());
  if (name.includes("running_var")) return normal(1, 0.1).map(Math.abs);
  if (shape.length === 1)
    return name.includes("norm") && name.includes("weight") ? normal(1, 0.1) : normal(0, 0.05);
  const inputs = name.endsWith(".transposed") ? shape[0] : length / shape[0];
  return normal(0, Math.sqrt(1 / inputs));
}

/** A model's weights and a batch. */
export function addImportedInputs(
  name: ImportedName,
  file: Uint8Array,
  add: (name: string, value: ArrayValue) => void,
  stream: RandomStream,
): void {
  const own = stream.split(name);
  for (const { name: tensor, shape } of drawnTensors(file))
    add(`imported.${name}.${tensor}`, {
      dtype: "f32",
      shape,
      data: drawn(tensor, shape, own.split(tensor)),
    });
  const shape = shapes[name];
  const length = shape.reduce((product, one) => product * one, 1);
  const [points, labels] = [own.split("x"), own.split("y")];
  add(`imported.${name}.x`, {
    dtype: "f32",
    shape,
    data: Float32Array.from({ length }, () => points.normal()),
  });
  add(`imported.${name}.y`, {
    dtype: "i64",
    shape: [shape[0]],
    data: BigInt64Array.from({ length: shape[0] }, () => BigInt(Math.floor(classes * labels.uniform()))),
  });
}
