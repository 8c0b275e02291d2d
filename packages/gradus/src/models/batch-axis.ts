import { type ImportedModel, type NamedSpec, type Tensor, transpose } from "@gradus/graph";

/** What exporters and their users call the dimension of a batch. */
const BATCH = /batch|^rows$/i;

/** The axis along which an input has its rows: that of a dimension whose name says so, such as `batch`, else the first. */
export function batchAxis({ spec: { shape } }: NamedSpec): number {
  return Math.max(
    0,
    shape.findIndex((d) => typeof d === "string" && BATCH.test(d)),
  );
}

/** The axes in their order, with one moved. */
function movedAxes(rank: number, from: number, to: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  axes.splice(to, 0, ...axes.splice(from, 1));
  return axes;
}

/** A tensor with its rows along another axis than before. */
export function moveRows(t: Tensor, from: number, to: number): Tensor {
  return from === to ? t : transpose(t, movedAxes(t.shape.length, from, to));
}

/**
 * The inputs as arrays of rows, which come first whatever the model's own order: a recurrent layer that takes
 * [sequence, batch, features] has rows of [sequence, features].
 */
export function rowInputs({ inputs }: Pick<ImportedModel, "inputs">): NamedSpec[] {
  return inputs.map((input) => {
    const { name, spec } = input;
    const order = movedAxes(spec.shape.length, batchAxis(input), 0);
    return { name, spec: { dtype: spec.dtype, shape: order.map((axis) => spec.shape[axis]) } };
  });
}
