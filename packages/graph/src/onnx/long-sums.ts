import { elements, type SizeOf } from "../ops/product-operations.ts";
import { isStatic, type Shape, sizeOfShape } from "../shape.ts";
import type { ColumnSums, Emitter } from "./emit.ts";

/** The parts of a sum over many rows, each of which one thread adds up. */
const PARTS = 4;
/** With fewer rows, more nodes take as long as threads save. */
const LEAST_ROWS = 4096;
/** With fewer columns, ONNX Runtime's product of a matrix and a vector is as fast. */
const LEAST_COLUMNS = 16;
/** With more columns, threads share the entries of a result as well as its terms. */
export const MOST_COLUMNS = 256;

/** Whether a sum over this number of rows is computed in parts. */
export function isLong(rows: Shape, columns: number, sizeOf: SizeOf): boolean {
  if (columns < LEAST_COLUMNS || columns > MOST_COLUMNS || elements(rows, sizeOf) < LEAST_ROWS) return false;
  return !isStatic(rows) || sizeOfShape(rows) % PARTS === 0;
}

/**
 * The shape of rows in parts, from the number of parts and the rows of each: an i64 vector, made outside of loops.
 *
 * @param known its other entries, with "parts" and "each" in place of these
 */
function shapeInParts(emit: Emitter, rows: Shape, known: readonly (number | "parts" | "each")[]): string {
  if (isStatic(rows)) {
    const sizes = { parts: PARTS, each: sizeOfShape(rows) / PARTS };
    return emit.integers(known.map((entry) => (typeof entry === "number" ? entry : sizes[entry])));
  }
  return emit.outside(`shape ${known} of ${rows}`, (outer) => {
    const count = outer.countVector(rows);
    const divisor = outer.once(`divisor of ${rows}`, () => {
      const remainder = outer.node("Mod", [count, outer.integers([PARTS])]);
      const isWhole = outer.node("Equal", [remainder, outer.integers([0])]);
      return outer.node("Where", [isWhole, outer.integers([PARTS]), outer.integers([1])]);
    });
    const each = outer.once(`rows of a part of ${rows}`, () => outer.node("Div", [count, divisor]));
    // no rows are no parts: ONNX Runtime leaves products without terms uninitialized, and adds up no parts to zeros
    const parts = outer.once(`number of parts of ${rows}`, () => outer.node("Min", [count, divisor]));
    const sizes = { parts, each };
    const entries = known.map((entry) =>
      typeof entry === "number" ? outer.integers([entry]) : sizes[entry],
    );
    return outer.node("Concat", entries, { axis: 0 });
  });
}

/** The rows of a matrix in parts: [parts, rows of a part, columns], the same entries. */
export function inParts(emit: Emitter, matrix: string, rows: Shape, columns: number): string {
  const shape = shapeInParts(emit, rows, ["parts", "each", columns]);
  return emit.once(`${matrix} in parts`, () =>
    emit.node("Reshape", [matrix, shape], isStatic(rows) ? {} : { allowzero: 1 }),
  );
}

/**
 * Emits the sums of a matrix' columns over many rows in parts, as products with ones; undefined where one product is as
 * fast.
 */
export function lowerLongSums(
  emit: Emitter,
  { matrix, rows, columns, keepsRow }: ColumnSums,
  sizeOf: SizeOf,
): string | undefined {
  if (!isLong(rows, columns, sizeOf)) return undefined;
  const ones = emit.outside(`ones in parts of ${rows}`, (outer) =>
    outer.node("Expand", [outer.scalar("f32", 1, 3), shapeInParts(outer, rows, ["parts", 1, "each"])]),
  );
  const sums = emit.node("MatMul", [ones, inParts(emit, matrix, rows, columns)]);
  return emit.node("ReduceSum", [sums, emit.integers(keepsRow ? [0] : [0, 1])], { keepdims: 0 });
}
