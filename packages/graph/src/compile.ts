import { runtime as defaultRuntime } from "#runtime";
import { allocate, type DataArray, type DType, dtypeOf } from "./dtype.ts";
import { InputError, TypeMismatchError } from "./errors.ts";
import { lowerToModel } from "./onnx/lower.ts";
import type { ArrayValue, Runtime, Session, SessionOptions } from "./runtime/runtime.ts";
import { formatShape, type Shape, sizeOfShape } from "./shape.ts";
import { simplify } from "./simplify.ts";
import { flattenTensors, input, isSpec, type Tensor, type TensorSpec } from "./tensor.ts";
import { flatten, type MapTree, type Structure, type Tree, unflatten } from "./tree.ts";

export type Specs = Tree<TensorSpec>;
/** A signature with a tensor in place of every spec: what a traced function is given. */
export type Traced<S> = MapTree<S, TensorSpec, Tensor>;
/** What a run accepts in place of a spec: an array with its shape, or its data where the signature tells the shape. */
export type InputValue = ArrayValue | DataArray | Int32Array | number | boolean;
export type Inputs<S> = MapTree<S, TensorSpec, InputValue>;
export type Outputs<O> = MapTree<O, Tensor, ArrayValue>;

/** The name of an input that is not inside a tree. */
const LONE_INPUT = "input";

/** A function as a graph: named inputs and outputs, not yet compiled. */
export interface TracedProgram {
  readonly inputs: readonly { readonly name: string; readonly tensor: Tensor }[];
  readonly outputs: readonly { readonly name: string; readonly tensor: Tensor }[];
  readonly outputStructure: Structure;
}

/** Traces a function of a tree of tensors and simplifies the graph. */
export function trace<const S extends Specs, O>(f: (inputs: Traced<S>) => O, specs: S): TracedProgram {
  const { leaves, paths, structure } = flatten(specs, isSpec);
  const name = (path: string, fallback: string) => (path === "" ? fallback : path);
  const inputs = leaves.map((spec, i) => ({
    name: name(paths[i], LONE_INPUT),
    tensor: input(paths[i], spec),
  }));
  const result = f(
    unflatten(
      structure,
      inputs.map(({ tensor }) => tensor),
    ) as Traced<S>,
  );
  const flat = flattenTensors(result);
  const outputs = simplify(flat.leaves).map((tensor, i) => ({
    name: `output.${name(flat.paths[i], "value")}`,
    tensor,
  }));
  return { inputs, outputs, outputStructure: flat.structure };
}

/** The ONNX file of a traced function; inputs and outputs are named by their paths in the trees. */
export function toOnnx({ inputs, outputs }: TracedProgram): Uint8Array<ArrayBuffer> {
  return lowerToModel(inputs, outputs);
}

function isArrayValue(value: InputValue): value is ArrayValue {
  return typeof value === "object" && "dtype" in value && "shape" in value;
}

/** The shape of bare data: a single unknown name is what is left over. */
function inferShape(
  name: string,
  shape: Shape,
  length: number,
  sizes: ReadonlyMap<string, number>,
): number[] {
  const resolved = shape.map((d) => (typeof d === "string" ? (sizes.get(d) ?? d) : d));
  const unknown = [...new Set(resolved.filter((d) => typeof d === "string"))];
  if (unknown.length > 1 || resolved.filter((d) => typeof d === "string").length > 1)
    throw new InputError(
      `${name}: bare data do not tell the dimensions ${unknown.join(", ")} of ${formatShape(shape)}; pass { dtype, shape, data }`,
    );
  const rest = sizeOfShape(resolved.filter((d) => typeof d === "number"));
  const filled = resolved.map((d) => (typeof d === "string" ? (rest === 0 ? 0 : length / rest) : d));
  if (!filled.every(Number.isInteger) || sizeOfShape(filled) !== length)
    throw new InputError(`${name}: wants data for ${formatShape(resolved)}, got ${length} elements`);
  return filled;
}

function toArrayValue(
  name: string,
  spec: TensorSpec,
  value: InputValue,
  sizes: Map<string, number>,
): ArrayValue {
  if (value === undefined || value === null)
    throw new InputError(`${name}: is missing, wants ${spec.dtype}${formatShape(spec.shape)}`);
  let data: DataArray;
  let given: readonly number[] | undefined;
  if (typeof value === "number" || typeof value === "boolean") {
    data = allocate(spec.dtype, 1);
    if (data instanceof BigInt64Array) data[0] = BigInt(value);
    else data[0] = Number(value);
    given = [];
  } else if (isArrayValue(value)) {
    data = value.data;
    given = value.shape;
  } else data = value instanceof Int32Array ? BigInt64Array.from(value, BigInt) : value;
  const dtype: DType = dtypeOf(data);
  if (dtype !== spec.dtype)
    throw new InputError(`${name}: wants ${spec.dtype}, got ${dtype} (${data.constructor.name})`);
  const shape = given ?? inferShape(name, spec.shape, data.length, sizes);
  const fits =
    shape.length === spec.shape.length &&
    spec.shape.every((d, i) => {
      const wanted = typeof d === "string" ? (sizes.get(d) ?? shape[i]) : d;
      if (typeof d === "string") sizes.set(d, wanted);
      return wanted === shape[i];
    });
  if (!fits) {
    const named = spec.shape
      .filter((d) => typeof d === "string" && sizes.has(d))
      .map((d) => `${d} = ${sizes.get(String(d))}`);
    throw new InputError(
      `${name}: wants ${formatShape(spec.shape)}${named.length > 0 ? ` with ${named.join(", ")} from this or an earlier input` : ""}, got ${formatShape(shape)}`,
    );
  }
  if (sizeOfShape(shape) !== data.length)
    throw new InputError(
      `${name}: shape ${formatShape(shape)} holds ${sizeOfShape(shape)} elements, data has ${data.length}`,
    );
  return { dtype, shape, data };
}

/** A compiled function from a tree of values to a tree of arrays. Holds native memory: dispose of it, or declare it with `using`. */
export class Program<I, R> {
  /** The ONNX file; any runtime can serve it. */
  readonly model: Uint8Array<ArrayBuffer>;
  readonly #session: Session;
  readonly #inputs: readonly { name: string; spec: TensorSpec }[];
  readonly #outputs: readonly string[];
  readonly #outputStructure: Structure;
  #disposed = false;

  constructor(traced: TracedProgram, model: Uint8Array<ArrayBuffer>, session: Session) {
    this.model = model;
    this.#session = session;
    this.#inputs = traced.inputs.map(({ name, tensor }) => ({
      name,
      spec: { dtype: tensor.dtype, shape: tensor.shape },
    }));
    this.#outputs = traced.outputs.map(({ name }) => name);
    this.#outputStructure = traced.outputStructure;
  }

  /**
   * Runs the function.
   *
   * @param inputs a tree like the signature's: arrays with shapes, bare typed arrays, or numbers for scalars
   * @returns a tree like the function's result, with arrays in place of tensors
   * @throws InputError naming the input whose type or shape is not the signature's
   */
  async run(inputs: I): Promise<R> {
    if (this.#disposed) throw new InputError("the program has been disposed of");
    const values = this.#pick(inputs);
    const sizes = new Map<string, number>();
    const feeds: Record<string, ArrayValue> = {};
    this.#inputs.forEach(({ name, spec }, i) => {
      feeds[name] = toArrayValue(name, spec, values[i], sizes);
    });
    const results = await this.#session.run(feeds);
    const leaves = this.#outputs.map((name) => results[name]);
    return unflatten(this.#outputStructure, leaves) as R;
  }

  /** The values at the signature's paths. */
  #pick(inputs: unknown): InputValue[] {
    if (this.#inputs.length === 1 && this.#inputs[0].name === LONE_INPUT) return [inputs as InputValue];
    return this.#inputs.map(({ name }) => {
      let at: unknown = inputs;
      for (const key of name.split("."))
        at = typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined;
      return at as InputValue;
    });
  }

  /** Frees the native session; later runs are refused. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    void this.#session.release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

export interface CompileOptions extends SessionOptions {
  /** Where to run: the platform's ONNX Runtime when left out. */
  readonly runtime?: Runtime;
}

/**
 * Compiles a function of a tree of tensors: traces it, simplifies the graph, emits ONNX and loads it.
 *
 * @param f from tensors (a tree like `specs`) to a tree of tensors
 * @param specs the signature: `{ parameters: { w: f32(784, 10) }, x: f32("batch", 784) }`
 * @throws ShapeError, TypeMismatchError while tracing
 * @throws GraphError when a tensor of another trace is used, or the runtime refuses the program
 */
export async function compile<const S extends Specs, O>(
  f: (inputs: Traced<S>) => O,
  specs: S,
  { runtime = defaultRuntime, ...options }: CompileOptions = {},
): Promise<Program<Inputs<S>, Outputs<O>>> {
  const traced = trace(f, specs);
  const model = toOnnx(traced);
  return new Program<Inputs<S>, Outputs<O>>(traced, model, await runtime.load(model, options));
}

/** The signature of arrays at hand: their types and shapes. */
export function specsOf<V extends Tree<ArrayValue>>(values: V): MapTree<V, ArrayValue, TensorSpec> {
  const { leaves, structure } = flatten(values, (value: unknown): value is ArrayValue =>
    isArrayValue(value as InputValue),
  );
  return unflatten(
    structure,
    leaves.map(({ dtype, shape }) => ({ dtype, shape })),
  ) as MapTree<V, ArrayValue, TensorSpec>;
}

/** An array with its shape; the shape is the data's length when left out, and must hold all the data. */
export function array(data: DataArray, shape: readonly number[] = [data.length]): ArrayValue {
  if (sizeOfShape(shape) !== data.length)
    throw new InputError(
      `array: shape ${formatShape(shape)} holds ${sizeOfShape(shape)} elements, data has ${data.length}`,
    );
  return { dtype: dtypeOf(data), shape, data };
}

/** The number that a one-element array holds. */
export function item(value: ArrayValue): number {
  if (value.data.length !== 1)
    throw new TypeMismatchError(`item: wants one element, got ${formatShape(value.shape)}`);
  return Number(value.data[0]);
}

/** The elements of an array as numbers; booleans become 0 and 1. */
export function toNumbers({ data }: ArrayValue): number[] {
  return data instanceof BigInt64Array ? Array.from(data, Number) : Array.from(data);
}

/**
 * The data of a floating-point array, not copied.
 *
 * @throws TypeMismatchError for integers and booleans
 */
export function floatData({ data, dtype }: ArrayValue): Float32Array | Float64Array {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  throw new TypeMismatchError(`floatData: wants f32 or f64, got ${dtype}`);
}
