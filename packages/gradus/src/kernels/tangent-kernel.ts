import {
  type ArrayValue,
  add,
  compile,
  div,
  einsum,
  expandDims,
  flattenTensors,
  floatData,
  identityMatrix,
  reshape,
  slice,
  type Tensor,
  type TensorSpec,
  type Tree,
  trace,
  vjp,
  vmap,
} from "@gradus/graph";
import { ArgumentError, ConvergenceError, DataError } from "../check/errors.ts";
import { checkPositive } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { pacer } from "../iterate/iterate.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import { type AsTensors, flattenArrays, type ValuesOf } from "../tree/arrays.ts";
import { parameterType, treeSpecs } from "../tree/signature.ts";
import { checkOutputs, type KernelOutputs } from "./mlp-tangent-kernel.ts";

/** A traced model: outputs [n, k] or [n] from parameters and inputs [n, ...]. */
export interface TracedModel<P> {
  apply(parameters: AsTensors<P>, x: Tensor): Tensor;
}

export interface TangentKernelOptions {
  /** Of several outputs: the mean of their kernels, by default; all pairs; or the kernel of one. */
  readonly outputs?: KernelOutputs;
  /** Memory limit in bytes for the gradients of a block of rows. */
  readonly memory?: number;
  readonly signal?: AbortSignal;
  /** Called with the fraction of blocks done. */
  readonly onProgress?: (fraction: number) => void;
}

const MEMORY = 2 ** 28;
/** Copies of the gradients in memory: both sides, each with the runtime's intermediate results. */
const COPIES = 4;

/** Checks that inputs have one row per example, the parameters' type and finite entries. */
export function checkInputs(name: string, { dtype, shape, data }: ArrayValue, type: string): void {
  if (dtype !== type) throw new ArgumentError(`${name} must be ${type} like the parameters, got ${dtype}`);
  if (shape.length === 0 || data.length === 0)
    throw new ArgumentError(`${name} must have at least one row, got the shape [${shape.join(", ")}]`);
  const wrong = data.findIndex((value) => !Number.isFinite(Number(value)));
  if (wrong >= 0) throw new DataError(`${name} must be finite, got ${data[wrong]} at index ${wrong}`);
}

/** The number of outputs of a model for one row. */
export function outputCount<P>(model: TracedModel<P>, parameters: Tree<TensorSpec>, x: ArrayValue): number {
  const { outputs } = trace(
    (given: { parameters: Tree<Tensor>; x: Tensor }) =>
      model.apply(given.parameters as AsTensors<P>, given.x),
    { parameters, x: { dtype: x.dtype, shape: [1, ...x.shape.slice(1)] } },
  );
  const [n, k = 1] = outputs[0].tensor.shape;
  if (n !== 1 || typeof k !== "number" || outputs[0].tensor.shape.length > 2)
    throw new ArgumentError(
      `the model must return [n] or [n, outputs] for n rows, got [${outputs[0].tensor.shape.join(", ")}] for one row`,
    );
  return k;
}

/** The gradients of each row's selected outputs, one tensor per array of the parameters: [n, selected, size]. */
function gradientRows<P>(
  model: TracedModel<P>,
  parameters: Tree<Tensor>,
  x: Tensor,
  { count, outputs }: { readonly count: number; readonly outputs: KernelOutputs },
): readonly Tensor[] {
  const units = identityMatrix(count, x.dtype === "f64" ? "f64" : "f32");
  const wanted = typeof outputs === "number" ? slice(units, { start: outputs, end: outputs + 1 }) : units;
  const rows = vmap((row: Tensor) => {
    const { pullback } = vjp(
      (p: Tree<Tensor>) => reshape(model.apply(p as AsTensors<P>, expandDims(row, 0)), [count]),
      parameters,
    );
    return vmap((unit: Tensor) => pullback(unit))(wanted);
  })(x);
  return flattenTensors(rows).leaves.map((t) => {
    const [n, k, ...rest] = t.shape;
    return reshape(t, [n, k, rest.reduce<number>((size, dimension) => size * Number(dimension), 1)]);
  });
}

/**
 * The kernel between blocks of rows, compiled on demand; without y, of a block with itself, from one set of gradients.
 */
interface BlockProducts extends AsyncDisposable {
  between(x: ArrayValue, y?: ArrayValue): Promise<ArrayValue>;
}

function blockProducts<P extends ValuesOf<P>>(
  model: TracedModel<P>,
  parameters: P,
  { dtype, shape: [, ...rest] }: ArrayValue,
  which: { readonly count: number; readonly outputs: KernelOutputs },
): BlockProducts {
  const { count, outputs } = which;
  const specs = treeSpecs(parameters);
  const side = (rows: string): TensorSpec => ({ dtype, shape: [rows, ...rest] });
  const product = (left: readonly Tensor[], right: readonly Tensor[]): Tensor => {
    const contraction = outputs === "full" ? "akp,blp->akbl" : "akp,bkp->ab";
    const sum = left
      .map((rows, i) => einsum(contraction, rows, right[i]))
      .reduce((total, part) => add(total, part));
    return outputs === "mean" ? div(sum, count) : sum;
  };
  const rowsOf = (given: Tree<Tensor>, x: Tensor) => gradientRows(model, given, x, which);
  const compileOwn = () =>
    compile(
      (given) => {
        const rows = rowsOf(given.parameters, given.x);
        return product(rows, rows);
      },
      { parameters: specs, x: side("rows") },
    );
  const compilePair = () =>
    compile((given) => product(rowsOf(given.parameters, given.x), rowsOf(given.parameters, given.y)), {
      parameters: specs,
      x: side("rows"),
      y: side("columns"),
    });
  let own: ReturnType<typeof compileOwn> | undefined;
  let pair: ReturnType<typeof compilePair> | undefined;
  return {
    async between(x, y) {
      if (y) {
        pair ??= compilePair();
        return (await pair).run({ parameters, x, y });
      }
      own ??= compileOwn();
      return (await own).run({ parameters, x });
    },
    async [Symbol.asyncDispose]() {
      for (const program of await Promise.allSettled([own, pair]))
        if (program.status === "fulfilled") await program.value?.dispose();
    },
  };
}

/**
 * The empirical tangent kernel of any traced model,  Theta(x, x')_kl = sum_p df_k(x)/dp df_l(x')/dp, from the gradients
 * of blocks of rows: within the memory limit, in the time of n m / block gradients. `mlpTangentKernel` is much faster
 * where it applies; for products with vectors use `tangentKernelOperator`, which forms no matrix.
 *
 * @param parameters all f32 or all f64, which is the precision of the entries
 * @param X [n, ...], in the same type
 * @param Y [m, ...]; defaults to X, and the result is then symmetric
 * @returns n x m, of several outputs the mean of their kernels; with `outputs: "full"` n k x m k for k outputs, those of a
 *   row adjacent
 * @throws ArgumentError when types or shapes do not match, `outputs` is invalid, or `memory` is too small for a row
 * @throws DataError when an input is not finite
 * @throws ConvergenceError when an entry is not finite
 * @throws the signal's reason when `signal` is aborted
 */
export async function tangentKernel<P extends ValuesOf<P>>(
  model: TracedModel<P>,
  parameters: P,
  X: ArrayValue,
  Y?: ArrayValue,
  options: TangentKernelOptions = {},
): Promise<DenseMatrix> {
  checkOptions("tangentKernel", options, ["outputs", "memory", "signal", "onProgress"]);
  const { outputs = "mean", memory = MEMORY, signal, onProgress } = options;
  checkPositive({ memory });
  const dtype = parameterType(parameters);
  checkInputs("X", X, dtype);
  if (Y) {
    checkInputs("Y", Y, dtype);
    if (Y.shape.slice(1).join() !== X.shape.slice(1).join())
      throw new ArgumentError(
        `Y must have rows of X's shape [${X.shape.slice(1)}], got [${Y.shape.slice(1)}]`,
      );
  }
  const specs = treeSpecs(parameters);
  const count = outputCount(model, specs, X);
  checkOutputs(outputs, count);
  const each = outputs === "full" ? count : 1;
  const size = flattenArrays(parameters).leaves.reduce((sum, { data }) => sum + data.length, 0);
  const rowBytes = COPIES * size * (typeof outputs === "number" ? 1 : count) * (dtype === "f32" ? 4 : 8);
  const [n, m] = [X.shape[0], (Y ?? X).shape[0]];
  const height = !Y && (n * rowBytes) / 2 <= memory ? n : Math.floor(memory / rowBytes);
  if (!(height >= 1))
    throw new ArgumentError(
      `memory must be at least ${rowBytes} bytes for one row's gradients, got ${memory}`,
    );

  await using products = blockProducts(model, parameters, X, { count, outputs });
  const columns = m * each;
  const kernel = new Float64Array(n * each * columns);
  const blocks: (readonly [i: number, j: number])[] = [];
  for (let i = 0; i < n; i += height) for (let j = 0; j < (Y ? m : i + 1); j += height) blocks.push([i, j]);
  const pace = pacer();
  for (const [done, [i, j]] of blocks.entries()) {
    signal?.throwIfAborted();
    const [x, y] = [rowsFrom(X, i, height), rowsFrom(Y ?? X, j, height)];
    const entries = floatData(await products.between(x, Y || i !== j ? y : undefined));
    const [high, wide] = [x.shape[0] * each, y.shape[0] * each];
    for (let a = 0; a < high; a++)
      for (let b = 0; b < wide; b++) {
        const value = entries[a * wide + b];
        if (!Number.isFinite(value))
          throw new ConvergenceError(
            `the tangent kernel must be finite, got ${value} in row ${i * each + a}, column ${j * each + b}`,
          );
        kernel[(i * each + a) * columns + j * each + b] = value;
        if (!Y) kernel[(j * each + b) * columns + i * each + a] = value;
      }
    onProgress?.((done + 1) / blocks.length);
    const turn = pace();
    if (turn) await turn;
  }
  return { rows: n * each, columns, values: kernel };
}

function rowsFrom({ dtype, shape, data }: ArrayValue, start: number, height: number): ArrayValue {
  const rows = Math.min(height, shape[0] - start);
  const width = data.length / shape[0];
  return {
    dtype,
    shape: [rows, ...shape.slice(1)],
    data: data.subarray(start * width, (start + rows) * width),
  };
}
