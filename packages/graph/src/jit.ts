import { isArrayValue } from "./arrays.ts";
import { checkFunction, checkOptions, checkPositiveInteger } from "./check.ts";
import { type CompileOptions, compile, compileOptions, type Outputs, type Program } from "./compile.ts";
import { type DataArray, dtypeOf } from "./dtype.ts";
import { DisposedError, InputError } from "./errors.ts";
import type { InputValue } from "./inputs.ts";
import { type Dimension, formatShape } from "./shape.ts";
import { f32, type Tensor, type TensorSpec } from "./tensor.ts";
import type { Traced } from "./trace.ts";
import { flattenTree, type MapTree, type Structure, type Tree, unflattenTree } from "./tree.ts";

/** An input that determines its own type and shape: an array, plain data (a vector) or a boolean. */
export type SelfDescribing = Exclude<InputValue, number>;

export interface JitOptions extends CompileOptions {
  /**
   * Names for dimensions that vary between calls, by path: with `{ batch: ["rows"] }` one program serves any first
   * dimension of all arrays at or below `batch`; null keeps a dimension fixed. The longest matching path applies.
   */
  readonly dimensions?: Readonly<Record<string, readonly (string | null)[]>>;
  /** Number of programs to keep; the least recently used one is disposed of first. */
  readonly capacity?: number;
}

const isData = (value: unknown): value is DataArray | Int32Array =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

const isLeaf = (value: unknown): value is InputValue =>
  typeof value === "number" || typeof value === "boolean" || isData(value) || isArrayValue(value);

function specOf(path: string, value: InputValue): TensorSpec {
  if (typeof value === "boolean") return { dtype: "bool", shape: [] };
  if (typeof value === "number")
    throw new InputError(
      `${path || "the input"}: the type of a plain number is ambiguous; pass, for example, array(Float32Array.of(${value}), [])`,
    );
  if (!isData(value)) return { dtype: value.dtype, shape: value.shape };
  return { dtype: value instanceof Int32Array ? "i64" : dtypeOf(value), shape: [value.length] };
}

/** A structure as text: structures are equal if and only if their texts are. */
function describe(structure: Structure): string {
  if (structure.kind === "leaf") return "*";
  if (structure.kind === "array") return `[${structure.items.map(describe).join(",")}]`;
  return `{${structure.entries.map(([key, s]) => `${JSON.stringify(key)}:${describe(s)}`).join(",")}}`;
}

/**
 * A function that is compiled at the first call with each signature (structure, types and shapes of its inputs); the
 * programs are kept. Holds native memory: declare it with `using`, or call `dispose`.
 */
export class JitFunction<I, R> {
  readonly #compile: (specs: Tree<TensorSpec>) => Promise<Program<unknown, R>>;
  readonly #dimensions: readonly (readonly [path: string, names: readonly (string | null)[]])[];
  readonly #capacity: number;
  /** Programs by signature; the most recently used one is the last. */
  readonly #programs = new Map<string, Promise<Program<unknown, R>>>();
  readonly #freeing = new Set<Promise<void>>();
  #disposed = false;

  constructor(
    compileFor: (specs: Tree<TensorSpec>) => Promise<Program<unknown, R>>,
    { dimensions = {}, capacity = 16 }: JitOptions,
  ) {
    checkPositiveInteger({ capacity });
    for (const names of Object.values(dimensions)) f32(...names.filter((name) => name !== null));
    this.#compile = compileFor;
    this.#dimensions = Object.entries(dimensions).sort(([a], [b]) => b.length - a.length);
    this.#capacity = capacity;
  }

  /**
   * Runs the function, compiling it at the first call with this signature; concurrent calls compile it once.
   *
   * @param inputs a tree like the function's argument, of arrays with shapes, plain typed arrays (vectors) and booleans
   * @returns a tree like the function's result, with arrays in place of tensors
   * @throws InputError for a number, whose type is ambiguous, or when sizes of a named dimension differ
   * @throws DisposedError after `dispose`
   * @throws what `compile` throws; the next call compiles again
   */
  async run(inputs: I): Promise<R> {
    if (this.#disposed) throw new DisposedError("the function has been disposed of");
    const flat = flattenTree(inputs, isLeaf);
    const specs = flat.leaves.map((value, i) => this.#name(flat.paths[i], specOf(flat.paths[i], value)));
    const key = `${describe(flat.structure)}${specs.map(({ dtype, shape }) => `${dtype}[${shape}]`)}`;
    const program = await (this.#take(key) ?? this.#add(key, unflattenTree(flat.structure, specs)));
    return program.run(inputs);
  }

  #name(path: string, { dtype, shape }: TensorSpec): TensorSpec {
    const found = this.#dimensions.find(([at]) => at === "" || path === at || path.startsWith(`${at}.`));
    if (!found) return { dtype, shape };
    const [at, names] = found;
    if (names.length > shape.length)
      throw new InputError(
        `${path || "the input"}: dimensions["${at}"] names ${names.length} dimensions of ${formatShape(shape)}`,
      );
    return { dtype, shape: shape.map((size, axis): Dimension => names[axis] ?? size) };
  }

  #take(key: string) {
    const found = this.#programs.get(key);
    if (found) {
      this.#programs.delete(key);
      this.#programs.set(key, found);
    }
    return found;
  }

  #add(key: string, specs: unknown) {
    const program = this.#compile(specs as Tree<TensorSpec>);
    this.#programs.set(key, program);
    program.catch(() => {
      if (this.#programs.get(key) === program) this.#programs.delete(key);
    });
    const [oldest] = this.#programs.keys();
    if (this.#programs.size > this.#capacity) this.#free(oldest);
    return program;
  }

  /** Calls waiting for the program resume before it is disposed of, and disposing waits for their runs. */
  #free(key: string): void {
    const program = this.#programs.get(key)!;
    this.#programs.delete(key);
    const freeing = program.then(
      (p) => p.dispose(),
      () => undefined,
    );
    this.#freeing.add(freeing);
    void freeing.finally(() => this.#freeing.delete(freeing));
  }

  /** Rejects later calls, waits for those in progress, then frees all programs; resolves when they are freed. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const key of [...this.#programs.keys()]) this.#free(key);
    await Promise.all(this.#freeing);
  }

  [Symbol.dispose](): void {
    void this.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/**
 * A function that is compiled on demand: `compile` for shapes that are not known in advance.
 *
 *     using predict = jit(({ p, x }: { p: Parameters; x: Tensor }) => mlp(p, x), { dimensions: { x: ["batch"] } });
 *     const logits = await predict.run({ p: parameters, x: array(data, [32, 784]) });
 *
 * @param f from a tree of tensors to a tree of tensors, traced once per signature
 * @param options which dimensions vary, how many programs to keep, and the options of `compile`
 * @throws InputError when an option is out of range; ShapeError when a dimension's name is not valid
 */
export function jit<I, O>(
  f: (inputs: I) => O,
  options: JitOptions = {},
): JitFunction<MapTree<I, Tensor, SelfDescribing>, Outputs<O>> {
  checkFunction({ "jit: f": f });
  checkOptions("jit", options, ["dimensions", "capacity", "runtime", "threads"]);
  const { dimensions: _, capacity: __, ...rest } = options;
  compileOptions("jit", rest);
  // A run's inputs have the structure of `I`, and the signature is made of them.
  const traced = f as unknown as (inputs: Traced<Tree<TensorSpec>>) => O;
  return new JitFunction((specs) => compile(traced, specs, rest), options);
}
