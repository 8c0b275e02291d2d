import { type ArrayValue, array, type OnnxGraph } from "@gradus/graph";
import { ArgumentError, DataError } from "gradus/check";
import type { InputPart, InputSource, RowInput } from "../protocol.ts";

const MOST_FEATURES = 1_000_000;

type Obstacle = { readonly obstacle: string };

/** The inputs with other sources, and how many numbers a row has then. */
export function withSources(
  { parts, batch }: Pick<RowInput, "parts" | "batch">,
  sources: readonly InputSource[],
): RowInput {
  const next = parts.map((part, i) => ({ ...part, source: sources[i] ?? part.source }));
  const features = next.reduce((sum, { size, source }) => sum + ("columns" in source ? size : 0), 0);
  if (features === 0) throw new ArgumentError("one input at least must read columns of the rows");
  for (const { name, dtype, source } of next)
    if ("constant" in source) checkNumber(name, dtype, source.constant);
  return { parts: next, features, ...(batch !== undefined && { batch }) };
}

function checkNumber(name: string, dtype: InputPart["dtype"], value: number): void {
  if (!Number.isFinite(value)) throw new DataError(`${name}: the numbers must be finite, got ${value}`);
  if (dtype === "i64" && !Number.isSafeInteger(value))
    throw new DataError(`${name}: the numbers must be whole, got ${value}`);
  if (dtype === "bool" && value !== 0 && value !== 1)
    throw new DataError(`${name}: the numbers must be 0 or 1, got ${value}`);
}

/** How rows of numbers go into a model: the dimensions of its inputs after the first must be known. */
export function rowInput(
  { inputs }: Pick<OnnxGraph, "inputs">,
  typeOf: (input: string) => InputPart["dtype"],
): RowInput | Obstacle {
  const parts: InputPart[] = [];
  const batches = new Set<number>();
  for (const { name, shape = [] } of inputs) {
    const [batch, ...rest] = shape;
    if (batch === undefined || rest.length === 0)
      return { obstacle: `the input ${name} has no rows: its shape is [${shape.join(", ")}]` };
    const sizes: number[] = [];
    for (const size of rest) {
      if (typeof size !== "number")
        return { obstacle: `the size of a row is open: the input ${name} is [${shape.join(", ")}]` };
      sizes.push(size);
    }
    const size = sizes.reduce((product, one) => product * one, 1);
    if (size < 1 || size > MOST_FEATURES)
      return { obstacle: `a row of the input ${name} has ${size.toLocaleString("en-US")} numbers` };
    if (typeof batch === "number") batches.add(batch);
    parts.push({ name, dtype: typeOf(name), shape: sizes, size, source: { columns: true } });
  }
  if (parts.length === 0) return { obstacle: "the model has no inputs" };
  if (batches.size > 1)
    return { obstacle: `the inputs take different numbers of rows: ${[...batches].join(" and ")}` };
  const [batch] = batches;
  return withSources({ parts, ...(batch !== undefined && { batch }) }, []);
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
