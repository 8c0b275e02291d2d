import { type ArrayValue, array, type OnnxGraph } from "@gradus/graph";
import { ArgumentError, DataError } from "gradus/check";
import { batchAxis } from "gradus/models";
import type { InputObstacle, InputPart, InputSource, OpenSize, RowInput } from "../protocol.ts";

const MOST_FEATURES = 1_000_000;

/** The inputs with other sources, and how many numbers a row has then. */
export function withSources(
  { parts, batch, open }: Pick<RowInput, "parts" | "batch" | "open">,
  sources: readonly InputSource[],
): RowInput {
  const next = parts.map((part, i) => ({ ...part, source: sources[i] ?? part.source }));
  const features = next.reduce((sum, { size, source }) => sum + ("columns" in source ? size : 0), 0);
  if (features === 0) throw new ArgumentError("one input at least must read columns of the rows");
  for (const { name, dtype, size, source } of next)
    if ("constant" in source) checkNumber(name, dtype, source.constant);
    else if (source.columns !== true && source.columns.length !== size)
      throw new DataError(
        `${name} takes ${size} ${size === 1 ? "column" : "columns"}, got ${source.columns.length}`,
      );
  return { parts: next, features, ...(batch !== undefined && { batch }), ...(open && { open }) };
}

function checkNumber(name: string, dtype: InputPart["dtype"], value: number): void {
  if (!Number.isFinite(value)) throw new DataError(`${name}: the numbers must be finite, got ${value}`);
  if (dtype === "i64" && !Number.isSafeInteger(value))
    throw new DataError(`${name}: the numbers must be whole, got ${value}`);
  if (dtype === "bool" && value !== 0 && value !== 1)
    throw new DataError(`${name}: the numbers must be 0 or 1, got ${value}`);
}

/** What an open dimension of an input is called, as the importer names it. */
const openName = (input: string, dimension: string, axis: number) =>
  (dimension === "?" ? `${input}_${axis}` : dimension).replaceAll(/\W/g, "_");

/**
 * How rows of numbers go into a model.
 *
 * @param sizes sizes that the file leaves open, by name
 */
export function rowInput(
  { inputs }: Pick<OnnxGraph, "inputs">,
  typeOf: (input: string) => InputPart["dtype"],
  sizes: Readonly<Record<string, number>> = {},
): RowInput | InputObstacle {
  const parts: InputPart[] = [];
  const batches = new Set<number>();
  const open = new Map<string, number | undefined>();
  for (const { name, shape = [] } of inputs) {
    // A list is a number for each row, unless the file says for how many.
    if (shape.length === 0 || (shape.length === 1 && typeof shape[0] === "number" && shape[0] > 1))
      return { obstacle: `the input ${name} has no rows: its shape is [${shape.join(", ")}]` };
    const rowsAxis = batchAxis({ name, spec: { dtype: typeOf(name), shape } });
    const row: number[] = [];
    for (const [axis, dimension] of shape.entries()) {
      if (axis === rowsAxis) continue;
      const key = typeof dimension === "string" ? openName(name, dimension, axis) : undefined;
      if (key !== undefined) open.set(key, sizes[key]);
      row.push(key === undefined ? Number(dimension) : (sizes[key] ?? Number.NaN));
    }
    const size = row.reduce((product, one) => product * one, 1);
    if (size < 1 || size > MOST_FEATURES)
      return {
        obstacle: `a row of the input ${name} has ${size.toLocaleString("en-US")} numbers`,
        ...(open.size > 0 && { open: listed(open) }),
      };
    const batch = shape[rowsAxis];
    if (typeof batch === "number") batches.add(batch);
    const part = { name, dtype: typeOf(name), shape: row, size, source: { columns: true } } as const;
    parts.push(rowsAxis === 0 ? part : { ...part, rowsAxis });
  }
  if (parts.length === 0) return { obstacle: "the model has no inputs" };
  const missing = listed(open).filter(({ size }) => size === undefined);
  if (missing.length > 0)
    return {
      obstacle: `sizes of a row are open: ${missing.map(({ name }) => name).join(", ")}`,
      open: listed(open),
    };
  if (batches.size > 1)
    return { obstacle: `the inputs take different numbers of rows: ${[...batches].join(" and ")}` };
  const [batch] = batches;
  const own = { parts, ...(batch !== undefined && { batch }), ...(open.size > 0 && { open: listed(open) }) };
  return withSources(own, []);
}

const listed = (open: ReadonlyMap<string, number | undefined>): OpenSize[] =>
  [...open].map(([name, size]) => ({ name, size }));

/** @throws ArgumentError for a size that is not a positive integer */
export function checkSizes(sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes))
    if (!Number.isSafeInteger(size) || size < 1)
      throw new ArgumentError(`${name} must be a whole number from 1, got ${size}`);
}

/**
 * Rows as a model's inputs take them.
 *
 * @param numberAt the number of a row in a column, both from 0
 * @throws DataError for a number that the input's type does not have
 */
export function inputArrays(
  { parts }: RowInput,
  rows: number,
  numberAt: (row: number, column: number) => number,
): Record<string, ArrayValue> {
  let first = 0;
  return Object.fromEntries(
    parts.map(({ name, dtype, shape, size, source }) => {
      const from = first;
      if ("columns" in source) first += size;
      const numbers = Float64Array.from({ length: rows * size }, (_, k) =>
        "constant" in source ? source.constant : numberAt(Math.floor(k / size), from + (k % size)),
      );
      if (dtype === "i64" || dtype === "bool") for (const value of numbers) checkNumber(name, dtype, value);
      return [name, array(typed(numbers, dtype), [rows, ...shape])];
    }),
  );
}

function typed(numbers: Float64Array, dtype: InputPart["dtype"]) {
  switch (dtype) {
    case "f32":
      return Float32Array.from(numbers);
    case "f64":
      return numbers;
    case "i64":
      return BigInt64Array.from(numbers, BigInt);
    case "bool":
      return Uint8Array.from(numbers);
  }
}
