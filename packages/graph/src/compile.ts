import { forMachine } from "#for-machine";
import { runtime as defaultRuntime } from "#runtime";
import { checkFunction, checkOptions, checkPositiveInteger, shown } from "./check.ts";
import { checkAssumed, diagnose, type Requirements, requirementsOf } from "./diagnose.ts";
import { InputError, UnsupportedError } from "./errors.ts";
import { largestWork } from "./estimate-work.ts";
import { knownSizes, type TraceAgain } from "./for-machine/contract.ts";
import { arraysOf, type InputSlot, type Inputs, inputSlot } from "./inputs.ts";
import type { ArrayValue, Runtime, Session, SessionOptions } from "./runtime/runtime.ts";
import { SessionLifetime } from "./runtime/session-lifetime.ts";
import { checkThreads } from "./runtime/threads.ts";
import { reachable, type Tensor } from "./tensor.ts";
import { type Specs, type Traced, type TracedProgram, toOnnx, trace } from "./trace.ts";
import { type MapTree, type Structure, unflattenTree } from "./tree.ts";
import { countProgram, countRun } from "./work-times.ts";

/** The result of a run: the function's result with an array in place of every tensor. */
export type Outputs<O> = MapTree<O, Tensor, ArrayValue>;

/**
 * A compiled function from a tree of values to a tree of arrays. Holds native memory: declare it with `using`, or call
 * `dispose`.
 */
export class Program<I, R> {
  /** The ONNX file; any runtime can serve it. */
  readonly model: Uint8Array<ArrayBuffer>;
  readonly #session: SessionLifetime;
  readonly #inputs: readonly InputSlot[];
  readonly #inputStructure: Structure;
  readonly #outputStructure: Structure;
  readonly #requirements: Requirements;

  constructor(traced: TracedProgram, model: Uint8Array<ArrayBuffer>, session: Session) {
    this.model = model;
    this.#session = new SessionLifetime(session, "program");
    this.#inputs = traced.inputs.map(({ name, tensor }) => inputSlot(name, tensor));
    this.#inputStructure = traced.inputStructure;
    this.#requirements = requirementsOf(traced);
    this.#outputStructure = traced.outputStructure;
  }

  /**
   * Runs the function.
   *
   * @param inputs a tree like the signature's: arrays with shapes, bare typed arrays, or numbers for scalars
   * @returns a tree like the function's result, with arrays in place of tensors
   * @throws InputError naming the input whose type or shape does not match the signature
   * @throws IndexError when an index is out of range; ShapeError when an operation has no result at this run's sizes
   * @throws DisposedError after `dispose`
   * @throws GraphError when the runtime fails
   */
  async run(inputs: I): Promise<R> {
    this.#session.assertUsable();
    const values = arraysOf(this.#inputs, this.#inputStructure, inputs);
    checkAssumed(this.#inputs, values, this.#requirements);
    const begun = performance.now();
    try {
      return unflattenTree(this.#outputStructure, await this.#session.run(values)) as R;
    } catch (error) {
      throw diagnose(error, this.#inputs, values, this.#requirements);
    } finally {
      countRun(performance.now() - begun);
    }
  }

  /** Rejects later runs, waits for those in progress, then frees the native session; resolves when it is freed. */
  dispose(): Promise<void> {
    return this.#session.dispose();
  }

  [Symbol.dispose](): void {
    void this.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

export interface CompileOptions extends SessionOptions {
  /** The runtime to use; defaults to the platform's ONNX Runtime. */
  readonly runtime?: Runtime;
}

/** What is known of named dimensions before the first run. */
export interface ExpectedSizes {
  /**
   * Sizes that named dimensions usually have, such as `{ rows: 10_000 }`. They only help to choose the number of
   * threads, where `threads` is left out, and how threads share the work, for which sums over many rows are computed in
   * parts; a name without a size counts as 64. Where convolutions are trained faster on a batch of known size, runs of
   * that size have a session of their own, and the one for any size is loaded when a run first needs it.
   */
  readonly sizes?: Readonly<Record<string, number>>;
}

/**
 * Checks the options that `compile` shares with other functions.
 *
 * @param more names of other options that the caller takes
 * @throws InputError for an unknown option, an invalid runtime, or a number of threads that is not a positive integer
 */
export function compileOptions(
  caller: string,
  options: CompileOptions,
  more: readonly string[] = [],
): CompileOptions {
  checkOptions(caller, options, ["runtime", "threads", ...more]);
  const { runtime, threads } = options;
  if (runtime !== undefined && typeof runtime?.load !== "function")
    throw new InputError(`runtime must be a runtime, such as workerRuntime(), got ${shown(runtime)}`);
  checkThreads(threads);
  return options;
}

/** ONNX Runtime would silently compute such nodes elsewhere, or reject the program without naming the node. */
function assertKernels({ inputs, outputs }: TracedProgram, { name, lacks = [] }: Runtime): void {
  const names = new Map(inputs.map((input) => [input.tensor, `input ${input.name}`]));
  for (const tensor of reachable([...inputs, ...outputs].map((named) => named.tensor)))
    if (lacks.includes(tensor.dtype))
      throw new UnsupportedError(
        `${name} has no kernels for ${tensor.dtype}, which ${names.get(tensor) ?? `a result of ${tensor.op.name}`} is`,
      );
}

/** ONNX Runtime rejects models without outputs. */
const withoutResults: Session = { run: async () => [], release: async () => undefined };

/**
 * Emits a traced function as ONNX and loads it; the caller specifies the types of its inputs and results.
 *
 * @param begun start time of the compilation from `performance.now()`
 * @param traceAgain traces the function with another signature
 */
export async function load<I, R>(
  traced: TracedProgram,
  { runtime = defaultRuntime, sizes, ...options }: CompileOptions & ExpectedSizes,
  begun: number,
  traceAgain?: TraceAgain,
): Promise<Program<I, R>> {
  assertKernels(traced, runtime);
  const model = toOnnx(traced, { sizeOf: knownSizes(sizes) });
  const session =
    traced.outputs.length === 0
      ? withoutResults
      : await runtime.load(model, {
          ...options,
          work: largestWork(traced, sizes),
          forMachine: forMachine(traced, sizes, traceAgain),
        });
  countProgram(performance.now() - begun);
  return new Program<I, R>(traced, model, session);
}

/**
 * Compiles a function of a tree of tensors: traces it, simplifies the graph, emits ONNX and loads it.
 *
 * @param f from tensors (a tree like `specs`) to a tree of tensors
 * @param specs the signature: `{ parameters: { w: f32(784, 10) }, x: f32("batch", 784) }`
 * @throws ShapeError, TypeMismatchError while tracing
 * @throws InputError for an unknown option, or an expected size that is not a positive integer
 * @throws UnsupportedError when the runtime is not available here, or has no kernels for the program's types
 * @throws GraphError when a tensor of another trace is used, or the runtime rejects the program
 */
export async function compile<const S extends Specs, O>(
  f: (inputs: Traced<S>) => O,
  specs: S,
  options: CompileOptions & ExpectedSizes = {},
): Promise<Program<Inputs<S>, Outputs<O>>> {
  compileOptions("compile", options, ["sizes"]);
  for (const [name, size] of Object.entries(options.sizes ?? {}))
    checkPositiveInteger({ [`sizes.${name}`]: size });
  checkFunction({ "compile: f": f });
  const begun = performance.now();
  return load(trace(f, specs, options.sizes), options, begun, (change) =>
    trace(f, change(specs) as S, options.sizes),
  );
}
