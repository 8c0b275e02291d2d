import type { Emitter } from "../onnx/emit.ts";
import { isStatic, type Shape, sizeOfShape } from "../shape.ts";
import type { TensorType } from "../tensor.ts";

/** With fewer columns, ONNX Runtime's reduction is as fast. */
const LEAST_COLUMNS = 16;
/** With fewer entries, a product gains less than bringing a tensor of other rank into the form of a matrix costs. */
const LEAST_ENTRIES = 2048;

/** A tensor to be summed over its first axes as a matrix: those axes, and the number of entries along the others. */
interface Columns {
  readonly rows: Shape;
  readonly columns: number;
}

/** How a tensor is summed over its first axes; undefined where ONNX Runtime's own reduction is as fast. */
function columnsOf({ dtype, shape }: TensorType, axes: readonly number[]): Columns | undefined {
  const long = [...shape.keys()].filter((axis) => shape[axis] !== 1);
  const summed = long.filter((axis) => axes.includes(axis));
  const kept = long.filter((axis) => !axes.includes(axis)).map((axis) => shape[axis]);
  if (dtype !== "f32" || summed.length === 0 || !isStatic(kept)) return undefined;
  if (summed.some((axis, i) => axis !== long[i])) return undefined;
  const rows = summed.map((axis) => shape[axis]);
  const columns = sizeOfShape(kept);
  if (columns < LEAST_COLUMNS) return undefined;
  if (shape.length !== 2 && isStatic(rows) && sizeOfShape(rows) * columns < LEAST_ENTRIES) return undefined;
  return { rows, columns };
}

/**
 * Emits a float32 sum over the first axes as a product with ones, such as the gradient of a bias. ONNX Runtime's own
 * reduction takes 2 to 6 times as long on one thread, and with two threads up to 10 times (1.30; 64 x 128 to 10,000 x 40).
 *
 * @param result shape of the sum, with or without the axes that are summed over
 * @returns undefined where its own reduction is as fast
 */
export function lowerColumnSums(
  emit: Emitter,
  x: string,
  of: TensorType,
  axes: readonly number[],
  result: Shape,
): string | undefined {
  const form = columnsOf(of, axes);
  if (!form || !isStatic(result)) return undefined;
  const { rows, columns } = form;
  const isMatrix = of.shape.length === 2;
  const matrix = isMatrix ? x : emit.node("Reshape", [x, emit.integers([-1, columns])]);
  const keepsRow = isMatrix && result.length === 2;
  const sums =
    emit.longSums({ matrix, rows, columns, keepsRow }) ??
    emit.node("MatMul", [emit.ones(rows, keepsRow ? [1, -1] : [-1]), matrix]);
  return keepsRow || result.length === 1 ? sums : emit.node("Reshape", [sums, emit.integers(result)]);
}
