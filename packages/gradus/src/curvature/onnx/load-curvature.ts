import {
  type ArrayValue,
  floatData,
  type LoadOnnxOptions,
  loadOnnx,
  type NamedSpec,
  releaseArrays,
} from "@gradus/graph";
import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import type { LinearOperator } from "../../linalg/operator/contract.ts";
import type { ParameterSlot } from "../../tree/parameter-layout.ts";
import { rowCount, rowRange, takeRows } from "../../tree/rows.ts";
import { checkMeanLoss } from "../operators/mean-loss.ts";
import { fitToMemory } from "../operators/memory-need.ts";
import { CURVATURE_KEY, type CurvatureDescription, type CurvatureKind } from "./export-curvature.ts";

/** Arrays by the names of a file's data, one row per example. */
export type FileData = Readonly<Record<string, ArrayValue>>;

/** A curvature matrix from an ONNX file. Holds native memory: declare it with `using`. */
export interface CurvatureFile extends Disposable {
  readonly matrix: CurvatureKind;
  /** Where the arrays of the parameters lie in the vector. */
  readonly slots: readonly Omit<ParameterSlot, "leaf">[];
  readonly dimension: number;
  /** The arrays of a batch; their first dimension is the rows. */
  readonly data: readonly NamedSpec[];
  /**
   * The matrix on data.
   *
   * @throws DataError when an array is missing, is not an input of the file, or has another number of rows
   * @throws ArgumentError when the memory limit is too small for one row, or (from a product) when the loss is not the
   *   mean over the rows
   */
  on(data: FileData, options?: { readonly memoryLimit?: number }): LinearOperator;
  /** The loss on data. */
  loss(data: FileData): Promise<number>;
  dispose(): void;
}

const DATA = "data.";
const VECTOR = "vector.";
const PRODUCT = "product.";
/** Default memory limit in bytes: half a gigabyte. */
const DEFAULT_MEMORY = 2 ** 29;

function describe(metadata: Readonly<Record<string, string>>): CurvatureDescription {
  const text = metadata[CURVATURE_KEY];
  if (text === undefined)
    throw new DataError(
      `the ONNX file has no curvature metadata (${CURVATURE_KEY}); write it with exportCurvature`,
    );
  const about: CurvatureDescription = JSON.parse(text);
  if (about.format !== 1)
    throw new DataError(`the ONNX file's curvature has format ${about.format}; this version reads format 1`);
  return about;
}

function slotsOf(vectors: readonly NamedSpec[]): Omit<ParameterSlot, "leaf">[] {
  let start = 0;
  return vectors.map(({ name, spec: { dtype, shape } }) => {
    const sizes = shape.filter((size) => typeof size === "number");
    if ((dtype !== "f32" && dtype !== "f64") || sizes.length < shape.length)
      throw new DataError(
        `${name} of the ONNX file must be floating-point with a fixed shape, got ${dtype}[${shape}]`,
      );
    const length = sizes.reduce((product, size) => product * size, 1);
    const slot = { path: name.slice(VECTOR.length), start, length, dtype, shape: sizes };
    start += length;
    return slot;
  });
}

/**
 * Reads a file written by `exportCurvature`.
 *
 * @param source the file's bytes, path or URL, as `loadOnnx` takes it
 * @throws InputError when the file cannot be read
 * @throws UnsupportedError when the bytes are not an ONNX model; DataError when the model has no curvature metadata
 */
export async function loadCurvature(
  source: Uint8Array | string | URL,
  options: LoadOnnxOptions = {},
): Promise<CurvatureFile> {
  checkOptions("loadCurvature", options, ["threads", "runtime", "external", "signal"]);
  const model = await loadOnnx(source, options);
  try {
    const { matrix, reduction, memory } = describe(model.metadata);
    const vectors = model.inputs.filter(({ name }) => name.startsWith(VECTOR));
    const data = model.inputs
      .filter(({ name }) => name.startsWith(DATA) || name === "data")
      .map(({ name, spec }) => ({ name: name.slice(DATA.length), spec }));
    const slots = slotsOf(vectors);
    const dimension = slots.reduce((sum, { length }) => sum + length, 0);
    const lossType = slots.some(({ dtype }) => dtype === "f32") ? "f32" : "f64";
    const nothing = Object.fromEntries(
      slots.map(({ path, dtype, shape, length }) => [
        VECTOR + path,
        { dtype, shape, data: dtype === "f32" ? new Float32Array(length) : new Float64Array(length) },
      ]),
    );

    function checked(given: FileData): Record<string, ArrayValue> {
      for (const { name, spec } of data)
        if (!given[name])
          throw new DataError(
            `data must have ${data.map((one) => one.name).join(", ")}; ${name}, ${spec.dtype}[${spec.shape}], is missing`,
          );
      for (const name of Object.keys(given))
        if (!data.some((one) => one.name === name))
          throw new DataError(
            `data has ${name}, which is not an input of the file; its inputs are ${data.map((one) => one.name).join(", ")}`,
          );
      rowCount(given);
      return Object.fromEntries(data.map(({ name }) => [name === "" ? "data" : DATA + name, given[name]]));
    }

    async function lossOf(given: FileData): Promise<number> {
      const { loss } = await model.run({ ...checked(given), ...nothing });
      return floatData(loss)[0];
    }

    let meanLoss: Promise<unknown> | undefined;

    return {
      matrix,
      slots,
      dimension,
      data,
      on(given, place = {}) {
        checkOptions("on", place, ["memoryLimit"]);
        const { memoryLimit = DEFAULT_MEMORY } = place;
        const all = checked(given);
        const rows = rowCount(given);
        const size = fitToMemory(memory, memoryLimit, rows).rows;
        return {
          rows: dimension,
          columns: dimension,
          symmetric: true,
          async apply(x, out) {
            if (x.length !== dimension || out.length !== dimension)
              throw new ArgumentError(
                `vector and result of a product must have ${dimension} numbers, got ${x.length} and ${out.length}`,
              );
            const vector = Object.fromEntries(
              slots.map(({ path, start, length, dtype, shape }) => {
                const numbers = x.subarray(start, start + length);
                return [
                  VECTOR + path,
                  { dtype, shape, data: dtype === "f32" ? new Float32Array(numbers) : numbers.slice() },
                ];
              }),
            );
            if (reduction === "mean") {
              meanLoss ??= checkMeanLoss((some) => lossOf(takeRows(given, some)), rows, lossType);
              await meanLoss;
            }
            out.fill(0);
            for (let start = 0; start < rows; start += size) {
              const stop = Math.min(start + size, rows);
              const results = await model.run({ ...rowRange(all, start, stop), ...vector });
              const weight = (reduction === "mean" ? stop - start : 1) / rows;
              for (const { path, start: at, length } of slots) {
                const product = floatData(results[PRODUCT + path]);
                for (let i = 0; i < length; i++) out[at + i] += weight * product[i];
              }
              releaseArrays(results);
            }
            releaseArrays(vector);
            for (let i = 0; i < dimension; i++)
              if (!Number.isFinite(out[i]))
                throw new ConvergenceError(`a product is ${out[i]} at index ${i} of the parameters`);
          },
        };
      },
      loss: lossOf,
      dispose: () => model.dispose(),
      [Symbol.dispose]: () => model.dispose(),
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
