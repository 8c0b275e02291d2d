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
import { parameterLayout } from "../curvature/parameter-layout.ts";
import { ArgumentError } from "../errors.ts";
import { type RandomStream, randomStream } from "../random/stream.ts";
import type { AsTensors, Values } from "../train/contract.ts";
import type { CollaborativeProblem } from "./problem.ts";
import type { Vector } from "./vector.ts";

/** Labeled rows: features, and a class number each. */
export interface LabeledTable {
  /** n x d, row-major. */
  readonly x: Float32Array;
  readonly d: number;
  readonly y: ArrayLike<number>;
}

export interface LocalLossOptions<P> extends CompileOptions {
  /** Scalar loss of parameters on a batch: x [batch, d], y [batch] class numbers. */
  readonly loss: (parameters: AsTensors<P>, batch: { readonly x: Tensor; readonly y: Tensor }) => Tensor;
  /** Parameters with which all nodes start, float32. */
  readonly parameters: P;
  readonly data: LabeledTable;
  /** Row numbers of each honest node's own data. */
  readonly parts: readonly ArrayLike<number>[];
  /** Rows in a gradient, or their number at each step. */
  readonly batchSize: number | ((step: number) => number);
  /** Number of classes: a flipped label is classes - 1 - y. */
  readonly classes: number;
  /** Seeds the batches. */
  readonly seed?: number;
}

/** A traced loss on every node's own rows. Holds native memory: dispose of it. */
export interface LocalLoss<P> extends CollaborativeProblem, AsyncDisposable {
  poisonedGradients(models: Vector, step: number): Promise<Vector>;
  /** A model as parameters. */
  unpack(model: Vector): P;
}

/** Places in 0 .. n - 1, all different while there are enough of them. */
function draw(stream: RandomStream, n: number, count: number): Int32Array {
  const rows = new Int32Array(count);
  for (let start = 0; start < count; start += n) {
    const order = stream.permutation(n);
    rows.set(order.subarray(0, Math.min(n, count - start)), start);
  }
  return rows;
}

/** The gradients of several nodes as one graph over a leading axis of nodes. */
function gradientProgram<P extends Values>(
  nodes: number,
  d: number,
  { loss, parameters }: LocalLossOptions<P>,
  options: CompileOptions,
) {
  const { dimension, unpackTensor } = parameterLayout(parameters);
  type Node = { readonly theta: Tensor; readonly x: Tensor; readonly y: Tensor };
  const local = ({ theta, x, y }: Node): Tensor => {
    const gradients = gradientOf((p: AsTensors<P>) => loss(p, { x, y }))(unpackTensor(theta));
    const parts = flattenTensors(gradients).leaves.map((g) =>
      reshape(g, [g.shape.reduce<number>(product, 1)]),
    );
    return parts.length === 1 ? parts[0] : concat(parts);
  };
  return compile(
    (all) => vmap(local)(all),
    {
      theta: { dtype: "f32", shape: [nodes, dimension] },
      x: { dtype: "f32", shape: [nodes, "batch", d] },
      y: { dtype: "i64", shape: [nodes, "batch"] },
    },
    options,
  );
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
 * The problem of nodes that minimize one traced loss, each on its own rows: minibatch gradients of all nodes are one
 * run of one graph over a leading axis of nodes. A node's batch depends on the seed, the node and the step alone.
 *
 * @throws ArgumentError when a part is empty or names rows that are not there
 * @throws ShapeError, TypeMismatchError, GraphError of the graph when the loss cannot be traced
 */
export async function localLoss<P extends Values>(options: LocalLossOptions<P>): Promise<LocalLoss<P>> {
  const { loss: _, parameters, data, parts, batchSize, classes, seed = 0, ...compileOptions } = options;
  const { d } = data;
  requireParts(parts, data.y.length);
  const { dimension, pack, unpack } = parameterLayout(parameters);
  const nodes = parts.length;
  const streams = parts.map((__, node) => randomStream(seed).split("batches").split(node));
  const samples = typeof batchSize === "number" ? () => batchSize : batchSize;
  const all = await gradientProgram(nodes, d, options, compileOptions);
  let single: ReturnType<typeof gradientProgram<P>> | undefined;

  /** Batches of some nodes, one after the other. */
  function batches(of: readonly number[], step: number, flipped: boolean) {
    const size = samples(step);
    const x = new Float32Array(of.length * size * d);
    const y = new BigInt64Array(of.length * size);
    of.forEach((node, place) => {
      draw(streams[node].split(step), parts[node].length, size).forEach((chosen, k) => {
        const row = parts[node][chosen];
        x.set(data.x.subarray(row * d, (row + 1) * d), (place * size + k) * d);
        y[place * size + k] = BigInt(flipped ? classes - 1 - data.y[row] : data.y[row]);
      });
    });
    return { x: array(x, [of.length, size, d]), y: array(y, [of.length, size]) };
  }

  const everyone = [...parts.keys()];
  async function ofAll(models: Vector, step: number, flipped: boolean): Promise<Vector> {
    const theta = array(new Float32Array(models), [nodes, dimension]);
    return floatData(await all.run({ theta, ...batches(everyone, step, flipped) }));
  }

  return {
    nodes,
    start: Float32Array.from(pack(parameters)),
    samples,
    unpack: (model) => unpack(new Float64Array(model)),
    gradients: (models, step) => ofAll(models, step, false),
    poisonedGradients: (models, step) => ofAll(models, step, true),
    async gradient(node, model, step) {
      single ??= gradientProgram(1, d, options, compileOptions);
      const theta = array(new Float32Array(model), [1, dimension]);
      return floatData(await (await single).run({ theta, ...batches([node], step, false) }));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([all.dispose(), single?.then((program) => program.dispose())]);
    },
  };
}
