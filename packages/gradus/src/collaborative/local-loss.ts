import {
  array,
  type CompileOptions,
  compile,
  concat,
  flattenTensors,
  floatData,
  gradient as gradientOf,
  reshape,
  type Tensor,
  vmap,
} from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { checkGivenOptions } from "../check/options.ts";
import { type RandomStream, randomStream } from "../random/stream.ts";
import type { AsTensors, ValuesOf } from "../tree/arrays.ts";
import { parameterLayout } from "../tree/parameter-layout.ts";
import type { CollaborativeProblem } from "./problem.ts";
import { rowsOf, type Vector } from "./vector.ts";

/** Model size above which a single gradient keeps the processor busy. */
const LONG = 65_536;

/** Which of the two words of a 64-bit integer is the low one on this machine. */
const LOW = new Int32Array(BigInt64Array.of(1n).buffer)[0] === 1 ? 0 : 1;

/** Labeled rows: features and a class number per row. */
export interface LabeledTable {
  /** n x d, row-major. */
  readonly x: Float32Array;
  readonly d: number;
  readonly y: ArrayLike<number>;
}

export interface LocalLossOptions<P> extends CompileOptions {
  /** Scalar loss of parameters on a batch: x [batch, d], y [batch] class numbers. */
  readonly loss: (parameters: AsTensors<P>, batch: { readonly x: Tensor; readonly y: Tensor }) => Tensor;
  /** The parameters from which all nodes start, float32. */
  readonly parameters: P;
  readonly data: LabeledTable;
  /** Row numbers of each honest node's own data. */
  readonly parts: readonly ArrayLike<number>[];
  /** Rows per gradient, or their number at each step. */
  readonly batchSize: number | ((step: number) => number);
  /** Number of classes: a flipped label is classes - 1 - y. */
  readonly classes: number;
  /** Seeds the batches. */
  readonly seed?: number;
}

/** A traced loss on every node's own rows. Holds native memory: declare it with `await using`. */
export interface LocalLoss<P> extends CollaborativeProblem, AsyncDisposable {
  poisonedGradients(models: Vector, step: number): Promise<Vector>;
  /** A model as parameters. */
  unpack(model: Vector): P;
}

/** `count` indices in 0 .. n - 1, distinct as long as count <= n. */
function draw(stream: RandomStream, n: number, count: number): Int32Array {
  const rows = new Int32Array(count);
  for (let start = 0; start < count; start += n) {
    const order = stream.permutation(n);
    rows.set(order.subarray(0, Math.min(n, count - start)), start);
  }
  return rows;
}

/** A node's model and batch. */
interface Local {
  readonly theta: Tensor;
  readonly x: Tensor;
  readonly y: Tensor;
}

/** Traces the gradient at a model as one vector. */
function localGradient<P extends ValuesOf<P>>({ loss, parameters }: LocalLossOptions<P>) {
  const { unpackTensor } = parameterLayout(parameters);
  return ({ theta, x, y }: Local): Tensor => {
    const gradients = gradientOf((p: AsTensors<P>) => loss(p, { x, y }))(unpackTensor(theta));
    const parts = flattenTensors(gradients).leaves.map((g) =>
      reshape(g, [g.shape.reduce<number>(product, 1)]),
    );
    return parts.length === 1 ? parts[0] : concat(parts);
  };
}

/** The shapes of a node's model and batch, after the dimensions `leading`. */
function localShapes<P extends ValuesOf<P>>(
  { parameters, data: { d }, batchSize }: LocalLossOptions<P>,
  leading: readonly number[],
) {
  const rows = typeof batchSize === "number" ? batchSize : "batch";
  return {
    theta: { dtype: "f32", shape: [...leading, parameterLayout(parameters).dimension] },
    x: { dtype: "f32", shape: [...leading, rows, d] },
    y: { dtype: "i64", shape: [...leading, rows] },
  } as const;
}

const product = (size: number, next: number | string) => size * Number(next);

function requireParts(parts: readonly ArrayLike<number>[], rows: number): void {
  if (parts.length === 0) throw new ArgumentError("parts must have at least one node, got none");
  parts.forEach((part, i) => {
    if (part.length === 0) throw new ArgumentError(`parts[${i}] must have at least one row, got none`);
    for (let k = 0; k < part.length; k++)
      if (!Number.isInteger(part[k]) || part[k] < 0 || part[k] >= rows)
        throw new ArgumentError(`parts[${i}] must have row numbers in 0 .. ${rows - 1}, got ${part[k]}`);
  });
}

/**
 * The problem of nodes that minimize one traced loss, each on its own rows. The minibatch gradients of all nodes are
 * one run of one graph over a leading axis of nodes; for models so large that together they would exceed the
 * processor's caches, each node is a run of its own. A node's batch depends only on the seed, the node and the step.
 *
 * @throws ArgumentError when an option is unknown, or a part is empty or has a row number out of range
 * @throws ShapeError, TypeMismatchError, GraphError from the graph when the loss cannot be traced
 */
export async function localLoss<P extends ValuesOf<P>>(options: LocalLossOptions<P>): Promise<LocalLoss<P>> {
  checkGivenOptions("localLoss", options, [
    "loss",
    "parameters",
    "data",
    "parts",
    "batchSize",
    "classes",
    "seed",
    "threads",
    "runtime",
  ]);
  const { loss: _, parameters, data, parts, batchSize, classes, seed = 0, ...compileOptions } = options;
  const { d } = data;
  requireParts(parts, data.y.length);
  const { dimension, pack, unpack } = parameterLayout(parameters);
  const nodes = parts.length;
  const streams = parts.map((__, node) => randomStream(seed).split("batches").split(node));
  const samples = typeof batchSize === "number" ? () => batchSize : batchSize;
  const local = localGradient(options);
  const together =
    nodes > 1 && dimension < LONG
      ? await compile((all) => vmap(local)(all), localShapes(options, [nodes]), compileOptions)
      : undefined;
  const compileAlone = () => compile(local, localShapes(options, []), compileOptions);
  let alone = together ? undefined : Promise.resolve(await compileAlone());

  /** The batches of some nodes, one after another, after the dimensions `leading`. */
  function batches(of: readonly number[], leading: readonly number[], step: number, flipped: boolean) {
    const size = samples(step);
    const x = new Float32Array(of.length * size * d);
    const y = new BigInt64Array(of.length * size);
    // Class numbers are small, so only the low words are written; BigInts would allocate an object per label.
    const words = new Int32Array(y.buffer);
    let place = 0;
    for (const node of of) {
      const part = parts[node];
      const chosen = draw(streams[node].split(step), part.length, size);
      for (let k = 0; k < size; k++, place++) {
        const row = part[chosen[k]];
        x.set(data.x.subarray(row * d, (row + 1) * d), place * d);
        words[2 * place + LOW] = flipped ? classes - 1 - data.y[row] : data.y[row];
      }
    }
    return { x: array(x, [...leading, size, d]), y: array(y, [...leading, size]) };
  }

  const asFloat32 = (models: Vector) => (models instanceof Float32Array ? models : new Float32Array(models));

  async function ofOne(node: number, model: Vector, step: number, flipped: boolean): Promise<Vector> {
    alone ??= compileAlone();
    const theta = array(asFloat32(model), [dimension]);
    return floatData(await (await alone).run({ theta, ...batches([node], [], step, flipped) }));
  }

  const everyone = [...parts.keys()];
  async function ofAll(models: Vector, step: number, flipped: boolean): Promise<Vector> {
    if (together) {
      const theta = array(asFloat32(models), [nodes, dimension]);
      return floatData(await together.run({ theta, ...batches(everyone, [nodes], step, flipped) }));
    }
    const gradients = new Float32Array(nodes * dimension);
    for (const [node, model] of rowsOf(models, dimension).entries())
      gradients.set(await ofOne(node, model, step, flipped), node * dimension);
    return gradients;
  }

  return {
    nodes,
    start: Float32Array.from(pack(parameters)),
    samples,
    unpack: (model) => unpack(new Float64Array(model)),
    gradients: (models, step) => ofAll(models, step, false),
    poisonedGradients: (models, step) => ofAll(models, step, true),
    gradient: (node, model, step) => ofOne(node, model, step, false),
    async [Symbol.asyncDispose]() {
      await Promise.all([together?.dispose(), alone?.then((program) => program.dispose())]);
    },
  };
}
