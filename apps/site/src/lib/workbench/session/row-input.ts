import { type ArrayValue, array, type OnnxGraph } from "@gradus/graph";
import { ArgumentError, DataError } from "gradus/check";
import { batchAxes, checkedConstant, type ModelInputOptions } from "gradus/models";
import type { InputObstacle, InputPart, InputSource, OpenSize, RowInput } from "../protocol.ts";

const MOST_FEATURES = 1_000_000;

/** What is chosen where a file leaves it open. */
export interface Chosen {
  /** Sizes by name. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** The axes along which inputs have their rows, by name. */
  readonly axes?: Readonly<Record<string, number>>;
}

const zero: InputSource = { constant: 0 };

/** The inputs with other sources, and how many numbers a row has then. */
export function withSources(
  { parts, batch, open, unsure }: Omit<RowInput, "features">,
  sources: readonly InputSource[],
): RowInput {
  const next = parts.map((part, i) => ({ ...part, source: sources[i] ?? part.source }));
  const features = next.reduce((sum, { size, source }) => sum + ("columns" in source ? size : 0), 0);
  if (features === 0) throw new ArgumentError("one input at least must read columns of the rows");
  for (const part of next) {
    const { name, dtype, size, source, whole } = part;
    if ("constant" in source)
      checkedConstant({ name, spec: { dtype, shape: constantShape(part, next) } }, source.constant);
    else if (whole) throw new ArgumentError(`${name} has no rows: give it a constant`);
    else if (source.columns !== true && source.columns.length !== size)
      throw new DataError(
        `${name} takes ${size} ${size === 1 ? "column" : "columns"}, got ${source.columns.length}`,
      );
  }
  return {
    ...{ parts: next, features },
    ...(batch !== undefined && { batch }),
    ...(open && { open }),
    ...(unsure && { unsure }),
  };
}

/** The shape of an input that is a constant: it has the size 1 along the dimension that others have their rows along. */
function constantShape(
  { name, shape, rowsAxis = 0, rowsName, whole }: InputPart,
  parts: readonly InputPart[],
) {
  if (whole) return shape;
  const shared = parts.some(
    (other) => other.name !== name && "columns" in other.source && other.rowsName === rowsName,
  );
  const rows = rowsName === undefined || shared ? 1 : rowsName;
  return [...shape.slice(0, rowsAxis), rows, ...shape.slice(rowsAxis)];
}

function checkNumber(name: string, dtype: InputPart["dtype"], value: number): void {
  if (!Number.isFinite(value)) throw new DataError(`${name}: the numbers must be finite, got ${value}`);
  if (dtype === "i64" && !Number.isSafeInteger(value))
    throw new DataError(`${name}: the numbers must be whole, got ${value}`);
  if (dtype === "bool" && value !== 0 && value !== 1)
    throw new DataError(`${name}: the numbers must be 0 or 1, got ${value}`);
}

function checkNumbers(name: string, dtype: InputPart["dtype"], numbers: Float64Array): void {
  if (dtype === "i64" || dtype === "bool") for (const value of numbers) checkNumber(name, dtype, value);
}

/** What an open dimension of an input is called, as the importer names it. */
const openName = (input: string, dimension: string, axis: number) =>
  (dimension === "?" ? `${input}_${axis}` : dimension).replaceAll(/\W/g, "_");

interface Axed {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  /** The axis with the rows; undefined for an input that is the same for all rows. */
  readonly rowsAxis: number | undefined;
  /** Whether another axis may have the rows as well. */
  readonly unsure: boolean;
}

/** Where the inputs have their rows. */
function axed(
  { inputs }: Pick<OnnxGraph, "inputs">,
  typeOf: (input: string) => InputPart["dtype"],
  axes: Readonly<Record<string, number>>,
): Axed[] {
  const specs = inputs.map(({ name, shape = [] }) => ({ name, spec: { dtype: typeOf(name), shape } }));
  const guessed = batchAxes(specs);
  const placed = specs.map(({ name, spec: { shape } }, i) => ({
    name,
    shape,
    axis: axes[name] ?? guessed[i],
  }));
  const anyNumber = placed.some(({ shape, axis }) => typeof shape[axis] === "string");
  return placed.map(({ name, shape, axis }) => {
    const size = shape[axis];
    // A list is a number for each row, unless the file says for how many.
    const list = shape.length === 1 && typeof size === "number" && size > 1;
    const chosen = Object.hasOwn(axes, name);
    const whole = shape.length === 0 || list || (anyNumber && typeof size === "number" && !chosen);
    const named = shape.some((d) => typeof d === "string" && /batch|^rows$/i.test(d));
    const places = shape.filter((d) => typeof d === "string" || d === 1).length;
    const unsure =
      !whole &&
      !named &&
      shape.length > 1 &&
      (chosen || places > 1 || (places === 1 && size !== 1 && typeof size === "number"));
    return { name, shape, rowsAxis: whole ? undefined : axis, unsure };
  });
}

/**
 * How rows of numbers go into a model.
 *
 * @param chosen what the file leaves open
 */
export function rowInput(
  graph: Pick<OnnxGraph, "inputs">,
  typeOf: (input: string) => InputPart["dtype"],
  { sizes = {}, axes = {} }: Chosen = {},
): RowInput | InputObstacle {
  const parts: InputPart[] = [];
  const batches = new Set<number>();
  const open = new Map<string, number | undefined>();
  const placed = axed(graph, typeOf, axes);
  const unsure = placed.flatMap(({ name, shape, rowsAxis, unsure }) =>
    unsure && rowsAxis !== undefined ? [{ name, shape, axis: rowsAxis }] : [],
  );
  const told = () => ({
    ...(open.size > 0 && { open: listed(open) }),
    ...(unsure.length > 0 && { unsure }),
  });
  for (const { name, shape, rowsAxis } of placed) {
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
        ...told(),
      };
    const part = { name, dtype: typeOf(name), shape: row, size };
    if (rowsAxis === undefined) {
      parts.push({ ...part, source: zero, whole: true });
      continue;
    }
    const batch = shape[rowsAxis];
    if (typeof batch === "number") batches.add(batch);
    const dimension = typeof batch === "string" ? openName(name, batch, rowsAxis) : undefined;
    parts.push({
      ...part,
      source: { columns: true },
      ...(dimension !== undefined && { rowsName: dimension }),
      ...(rowsAxis > 0 && { rowsAxis }),
    });
  }
  if (parts.length === 0) return { obstacle: "the model has no inputs" };
  if (parts.every(({ whole }) => whole)) {
    const [{ name, shape }] = parts;
    return { obstacle: `the input ${name} has no rows: its shape is [${shape.join(", ")}]` };
  }
  const missing = listed(open).filter(({ size }) => size === undefined);
  if (missing.length > 0)
    return {
      obstacle: `sizes of a row are open: ${missing.map(({ name }) => name).join(", ")}`,
      ...told(),
    };
  if (batches.size > 1)
    return {
      obstacle: `the inputs take different numbers of rows: ${[...batches].join(" and ")}`,
      ...told(),
    };
  const [batch] = batches;
  const own = { parts, ...(batch !== undefined && { batch }), ...told() };
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

/** How the library takes rows of the inputs that read columns: the others are constants. */
export function arrangementOf({ parts }: RowInput): ModelInputOptions {
  const constants = parts.flatMap(({ name, source }) =>
    "constant" in source ? [[name, source.constant]] : [],
  );
  const axes = parts.flatMap(({ name, source, rowsAxis = 0 }) =>
    "columns" in source ? [[name, rowsAxis]] : [],
  );
  return { constants: Object.fromEntries(constants), batchAxes: Object.fromEntries(axes) };
}

/**
 * Rows as the inputs of a model take them that read columns.
 *
 * @param numberAt the number of a row in a column, both from 0
 * @throws DataError for a number that the input's type does not have
 */
export function inputArrays(
  { parts }: RowInput,
  rows: number,
  numberAt: (row: number, column: number) => number,
): Record<string, ArrayValue> {
  const arrays: Record<string, ArrayValue> = {};
  let first = 0;
  for (const { name, dtype, shape, size, source } of parts) {
    if ("constant" in source) continue;
    const from = first;
    first += size;
    const numbers = Float64Array.from({ length: rows * size }, (_, k) =>
      numberAt(Math.floor(k / size), from + (k % size)),
    );
    checkNumbers(name, dtype, numbers);
    arrays[name] = array(typed(numbers, dtype), [rows, ...shape]);
  }
  return arrays;
}

/**
 * One row so often, as the model itself takes it: with constants, and with the rows along its own axes.
 *
 * @throws DataError for a number that the input's type does not have
 */
export function repeatedRow(
  { parts }: RowInput,
  values: readonly number[],
  rows: number,
): Record<string, ArrayValue> {
  const arrays: Record<string, ArrayValue> = {};
  let first = 0;
  for (const { name, dtype, shape, size, source, rowsAxis = 0, whole } of parts) {
    const own = whole ? shape : shape.toSpliced(rowsAxis, 0, rows);
    const length = own.reduce((product, one) => product * one, 1);
    if ("constant" in source) {
      const { constant } = source;
      arrays[name] =
        typeof constant === "number"
          ? array(typed(new Float64Array(length).fill(constant), dtype), own)
          : array(typed(Float64Array.from(constant), dtype), [constant.length]);
      continue;
    }
    const from = first;
    first += size;
    const inner = shape.slice(rowsAxis).reduce((product, one) => product * one, 1);
    const numbers = Float64Array.from(
      { length },
      (_, k) => values[from + Math.floor(k / (inner * rows)) * inner + (k % inner)],
    );
    checkNumbers(name, dtype, numbers);
    arrays[name] = array(typed(numbers, dtype), own);
  }
  return arrays;
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
