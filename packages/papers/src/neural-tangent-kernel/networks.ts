import {
  type ArrayValue,
  add,
  array,
  compile,
  div,
  expandDims,
  f32,
  floatData,
  gradient,
  mapTensors,
  mean,
  mul,
  repeat,
  square,
  squeeze,
  sub,
  type Tensor,
  vmap,
} from "@gradus/graph";
import { mlpTangentKernel } from "gradus/kernels";
import type { DenseMatrix } from "gradus/linalg";
import { type MlpOptions, type MlpParameters, mlp } from "gradus/nn";
import { randomStream } from "gradus/random";

/** A network of the paper: rectified linear units, NTK parametrization, `depth` layers of weights. */
export function paperNetwork(
  depth: number,
  width: number,
  { inputs = 2, biasStd = 0.1 }: { readonly inputs?: number; readonly biasStd?: number } = {},
): MlpOptions {
  return { inputs, hidden: new Array<number>(depth - 1).fill(width), outputs: 1, ntk: { biasStd } };
}

/** Parameters of the network of a seed, float32; the network depends only on the stream. */
export function initialParameters(options: MlpOptions, seed: number): MlpParameters<ArrayValue> {
  const stream = randomStream(seed).split("network").split(options.hidden[0]);
  return mlp(options).parameters({ stream });
}

/** The signature of a network's parameters, which may be too large to draw for their shapes alone. */
function signatureOf({ inputs, hidden, outputs }: MlpOptions, leading: readonly number[] = []) {
  const widths = [inputs, ...hidden, outputs];
  const layers = widths.slice(1).map((width, l) => ({
    weights: f32(...leading, widths[l], width),
    bias: f32(...leading, width),
  }));
  return { layers };
}

/** Points of the unit circle, one per row. */
export function circlePoints(angles: readonly number[]): DenseMatrix {
  const values = Float64Array.from({ length: 2 * angles.length }, (_, k) =>
    k % 2 === 0 ? Math.cos(angles[k >> 1]) : Math.sin(angles[k >> 1]),
  );
  return { rows: angles.length, columns: 2, values };
}

/** Rows as a float32 array of a graph. */
function asInput({ rows, columns, values }: DenseMatrix): ArrayValue {
  return array(Float32Array.from(values), [rows, columns]);
}

/** One step of gradient descent on half the mean squared error. */
function descend(options: MlpOptions, p: MlpParameters, x: Tensor, y: Tensor, rate: number): MlpParameters {
  const model = mlp(options);
  // the rate is applied to the cost, where it multiplies few numbers
  const cost = (q: MlpParameters) => mul(mean(square(sub(squeeze(model.apply(q, x), 1), y))), rate / 2);
  return mapTensors((value: Tensor, slope: Tensor) => sub(value, slope), p, gradient(cost)(p));
}

/** The change of one network's kernel by training. */
export interface TrainedKernel {
  /** Theta(x_i, x_0) for each probe before training. */
  readonly before: Float32Array | Float64Array;
  /** After it. */
  readonly after: Float32Array | Float64Array;
  /** The cost before and after. */
  readonly costs: readonly [number, number];
}

/** Compiles the training of single networks with their kernels at probes, Theta(probe_i, anchor). */
export async function kernelTrainer(
  options: MlpOptions,
  {
    train,
    probes,
    anchor,
  }: { readonly train: DenseMatrix; readonly probes: DenseMatrix; readonly anchor: DenseMatrix },
  { steps, learningRate }: { readonly steps: number; readonly learningRate: number },
) {
  const kernelOf = mlpTangentKernel(options);
  const program = await compile(
    ({ p, x, y, probes, anchor }) => {
      const outputs = (q: MlpParameters) => squeeze(mlp(options).apply(q, x), 1);
      const cost = (q: MlpParameters) => div(mean(square(sub(outputs(q), y))), 2);
      const { carried } = repeat(steps, p, (q: MlpParameters) => ({
        carried: descend(options, q, x, y, learningRate),
      }));
      const kernel = (q: MlpParameters) => squeeze(kernelOf(q, probes, anchor).kernel, 1);
      return { before: kernel(p), after: kernel(carried), costs: [cost(p), cost(carried)] as const };
    },
    {
      p: signatureOf(options),
      x: { dtype: "f32", shape: [train.rows, train.columns] },
      y: { dtype: "f32", shape: [train.rows] },
      probes: { dtype: "f32", shape: [probes.rows, probes.columns] },
      anchor: { dtype: "f32", shape: [1, anchor.columns] },
    },
  );
  const fixed = { x: asInput(train), probes: asInput(probes), anchor: asInput(anchor) };
  return {
    async run(seed: number, y: Float64Array): Promise<TrainedKernel> {
      const result = await program.run({
        ...fixed,
        p: initialParameters(options, seed),
        y: array(Float32Array.from(y)),
      });
      const [first, last] = result.costs.map((cost) => floatData(cost)[0]);
      return { before: floatData(result.before), after: floatData(result.after), costs: [first, last] };
    },
    [Symbol.asyncDispose]: () => program.dispose(),
  };
}

/** Compiles Theta(probe_i, anchor) of single networks at initialization. */
export async function kernelProbe(options: MlpOptions, probes: DenseMatrix, anchor: DenseMatrix) {
  const kernelOf = mlpTangentKernel(options);
  const program = await compile(({ p, probes, anchor }) => squeeze(kernelOf(p, probes, anchor).kernel, 1), {
    p: signatureOf(options),
    probes: { dtype: "f32", shape: [probes.rows, probes.columns] },
    anchor: { dtype: "f32", shape: [1, anchor.columns] },
  });
  const fixed = { probes: asInput(probes), anchor: asInput(anchor) };
  return {
    run: async (seed: number) =>
      floatData(await program.run({ ...fixed, p: initialParameters(options, seed) })),
    [Symbol.asyncDispose]: () => program.dispose(),
  };
}

/** Networks side by side: every array of the parameters with a leading axis over the seeds. */
function stacked(networks: readonly MlpParameters<ArrayValue>[]): MlpParameters<ArrayValue> {
  const join = (arrays: readonly ArrayValue[]): ArrayValue => {
    const size = arrays[0].data.length;
    const data = new Float32Array(size * arrays.length);
    arrays.forEach((a, s) => {
      data.set(floatData(a), s * size);
    });
    return array(data, [arrays.length, ...arrays[0].shape]);
  };
  return {
    layers: networks[0].layers.map((_, l) => ({
      weights: join(networks.map(({ layers }) => layers[l].weights)),
      bias: join(networks.map(({ layers }) => layers[l].bias)),
    })),
  };
}

/** Compiles the training of `size` networks at once as one graph, all toward the same targets. */
export async function ensembleTrainer(
  options: MlpOptions,
  { size, train, test }: { readonly size: number; readonly train: DenseMatrix; readonly test: DenseMatrix },
  { steps, learningRate }: { readonly steps: number; readonly learningRate: number },
) {
  type Member = { readonly p: MlpParameters };
  const program = await compile(
    ({ p, x, y, test }) => {
      const { carried } = repeat(steps, { p }, (members: Member) => ({
        carried: vmap(({ p: q }: Member): Member => ({ p: descend(options, q, x, y, learningRate) }))(
          members,
        ),
      }));
      const outputs = (points: Tensor) =>
        vmap(({ p: q }: Member) => squeeze(mlp(options).apply(q, points), 1))(carried);
      const costs = div(mean(square(sub(outputs(x), expandDims(y, 0))), { axes: 1 }), 2);
      return { costs, test: outputs(test) };
    },
    {
      p: signatureOf(options, [size]),
      x: { dtype: "f32", shape: [train.rows, train.columns] },
      y: { dtype: "f32", shape: [train.rows] },
      test: { dtype: "f32", shape: [test.rows, test.columns] },
    },
  );
  const fixed = { x: asInput(train), test: asInput(test) };
  return {
    /** Final costs [size] and outputs on the test points [size, M]. */
    async run(seeds: readonly number[], y: Float64Array) {
      const p = stacked(seeds.map((seed) => initialParameters(options, seed)));
      const { costs, test } = await program.run({ ...fixed, p, y: array(Float32Array.from(y)) });
      return { costs: Array.from(floatData(costs)), test: floatData(test) };
    },
    [Symbol.asyncDispose]: () => program.dispose(),
  };
}

/** A network's outputs on its data at each step, minus its goal, which is its start plus a displacement. */
export interface ErrorPath {
  /** f_k(x_j) - y_j with k from 0, (steps + 1) x N, row-major. */
  readonly errors: Float32Array | Float64Array;
}

/** Compiles the training of single networks to their own start plus a displacement, watching the error. */
export async function displacementTrainer(
  options: MlpOptions,
  train: DenseMatrix,
  { steps, learningRate }: { readonly steps: number; readonly learningRate: number },
) {
  const program = await compile(
    ({ p, x, displacement }) => {
      const outputs = (q: MlpParameters) => squeeze(mlp(options).apply(q, x), 1);
      const start = outputs(p);
      const { stacked: errors } = repeat(steps + 1, p, (q: MlpParameters) => {
        const goal = add(start, displacement);
        return { carried: descend(options, q, x, goal, learningRate), stacked: sub(outputs(q), goal) };
      });
      return errors;
    },
    {
      p: signatureOf(options),
      x: { dtype: "f32", shape: [train.rows, train.columns] },
      displacement: { dtype: "f32", shape: [train.rows] },
    },
  );
  const x = asInput(train);
  return {
    async run(seed: number, displacement: Float64Array): Promise<ErrorPath> {
      const p = initialParameters(options, seed);
      return {
        errors: floatData(await program.run({ p, x, displacement: array(Float32Array.from(displacement)) })),
      };
    },
    [Symbol.asyncDispose]: () => program.dispose(),
  };
}

/** Compiles the outputs of a single network on all points before training, and its kernel between them. */
export async function linearizer(options: MlpOptions, points: DenseMatrix) {
  const kernelOf = mlpTangentKernel(options);
  const program = await compile(({ p, x }) => kernelOf(p, x), {
    p: signatureOf(options),
    x: { dtype: "f32", shape: [points.rows, points.columns] },
  });
  const x = asInput(points);
  return {
    async run(seed: number) {
      const { outputs, kernel } = await program.run({ p: initialParameters(options, seed), x });
      return {
        outputs: Float64Array.from(floatData(outputs)),
        kernel: { rows: points.rows, columns: points.rows, values: Float64Array.from(floatData(kernel)) },
      };
    },
    [Symbol.asyncDispose]: () => program.dispose(),
  };
}
