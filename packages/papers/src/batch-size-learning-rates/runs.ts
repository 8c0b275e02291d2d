import {
  type ArrayValue,
  add,
  array,
  compile,
  f32,
  flattenTensors,
  flattenTree,
  floatData,
  gather,
  gradient,
  i64,
  isArrayValue,
  mapTensors,
  repeat,
  specsOf,
  type Tensor,
  type TensorSpec,
  type Tree,
  unflattenTree,
  vmap,
} from "@gradus/graph";
import { drawBatch } from "gradus/curvature";
import { randomStream } from "gradus/random";
import type { GradientTransformation } from "gradus/train";
import { type AsTensors, takeRows, type Values } from "gradus/tree";
import type { ClassifierProblem, Labeled } from "./problems.ts";

/** An optimizer whose learning rate and momentum can change while it runs. */
export type RatedOptimizer = (learningRate: Tensor, momentum: Tensor) => GradientTransformation;

/** Runs side by side: every array with a leading axis over them. */
export interface Runs {
  readonly parameters: Values;
  readonly state: Values;
}

/** How each run continues. */
export interface Steps {
  /** Row numbers, one batch after another, for each run. */
  readonly plans: readonly Int32Array[];
  readonly batchSize: number;
  readonly rates: readonly number[];
  readonly momenta: readonly number[];
}

/** The batches of a run of `steps` steps, every row drawn from all of them. */
export function batchPlan(
  seed: number,
  rows: number,
  { batchSize, steps }: { readonly batchSize: number; readonly steps: number },
): Int32Array {
  const stream = randomStream(seed).split("batches").split(batchSize);
  return drawBatch(stream, rows, batchSize * steps, { replacement: true });
}

function stackArrays(arrays: readonly ArrayValue[]): ArrayValue {
  const { length } = arrays[0].data;
  const data = new Float32Array(length * arrays.length);
  arrays.forEach((each, k) => {
    data.set(floatData(each), k * length);
  });
  return array(data, [arrays.length, ...arrays[0].shape]);
}

/** Trees of one structure as one tree, with a leading axis. */
function stackTrees(trees: readonly Values[]): Values {
  const flat = trees.map((tree) => flattenTree(tree, isArrayValue));
  const leaves = flat[0].leaves.map((_, i) => stackArrays(flat.map((tree) => tree.leaves[i])));
  return unflattenTree(flat[0].structure, leaves) as Values; // the structure is that of the trees
}

/** The parameters of one of several runs. */
export function parametersOf<P extends Values>({ parameters }: Runs, like: P, run: number): P {
  const { structure } = flattenTree(like, isArrayValue);
  const leaves = flattenTree(parameters, isArrayValue).leaves.map(({ shape: [, ...shape], data, dtype }) => {
    const size = shape.reduce((product, n) => product * n, 1);
    return { dtype, shape, data: data.slice(run * size, (run + 1) * size) };
  });
  return unflattenTree(structure, leaves) as P; // the structure is that of `like`
}

/** The signature of stacked trees: a named leading dimension. */
function stackedSpecs(values: Values): Tree<TensorSpec> {
  const { leaves, structure } = flattenTree(specsOf<Values>(values), isSpec);
  return unflattenTree(
    structure,
    leaves.map(({ dtype, shape }) => ({ dtype, shape: ["runs", ...shape] })),
  ) as Tree<TensorSpec>;
}

const isSpec = (value: unknown): value is TensorSpec =>
  typeof value === "object" && value !== null && "dtype" in value && "shape" in value;

/** The signature of data in which the number of rows is open. */
function rowSpecs(data: Labeled<ArrayValue>): Labeled<TensorSpec> {
  const open = ({ dtype, shape: [, ...row] }: ArrayValue): TensorSpec => ({ dtype, shape: ["rows", ...row] });
  return { x: open(data.x), y: open(data.y) };
}

/** Rows per call, summed over the runs, when losses are evaluated. */
const SCORED_ROWS = 15_000;

interface OneRun {
  readonly parameters: Tree<Tensor>;
  readonly state: Tree<Tensor>;
  readonly learningRate: Tensor;
  readonly momentum: Tensor;
  readonly rows: Tensor;
}

/**
 * Compiles training of any number of networks side by side, each from its own start, on its own batches and at its own
 * rates, as one loop in the graph.
 */
export async function compileRuns<P extends Values>(
  problem: ClassifierProblem<P>,
  optimizer: RatedOptimizer,
) {
  const { loss, data } = problem;
  const like = problem.start(0);
  const scalarSpec = f32();
  const rules = (given: Pick<OneRun, "learningRate" | "momentum">) =>
    optimizer(given.learningRate, given.momentum);
  using beginning = await compile((given) => rules(given).init(flattenTensors(given.parameters).leaves), {
    parameters: specsOf<Values>(like),
    learningRate: scalarSpec,
    momentum: scalarSpec,
  });
  const initial = (await beginning.run({ parameters: like, learningRate: 1, momentum: 0 })) as Values;

  function step(
    { parameters, state, learningRate, momentum, rows }: OneRun,
    batchOf: (rows: Tensor) => Labeled<Tensor>,
    iteration: Tensor,
  ) {
    const batch = batchOf(rows);
    const slopes = gradient((p: Tree<Tensor>) => loss(p as AsTensors<P>, batch))(parameters);
    const { leaves, paths, structure } = flattenTensors(parameters);
    const result = rules({ learningRate, momentum }).update(flattenTensors(slopes).leaves, state, {
      parameters: leaves,
      paths,
      steps: iteration,
      samples: iteration,
    });
    const moved = leaves.map((leaf, i) => add(leaf, result.updates[i]));
    return { parameters: unflattenTree(structure, moved) as Tree<Tensor>, state: result.state };
  }

  const program = await compile(
    ({ carried, data, plan, learningRate, momentum }) => {
      const all = data as Labeled<Tensor>;
      const batchOf = (rows: Tensor) => mapTensors((x) => gather(x, rows), all);
      const after = repeat("steps", carried as Pick<OneRun, "parameters" | "state">, (now, iteration) => ({
        carried: vmap((run: OneRun) => step(run, batchOf, iteration))({
          ...now,
          learningRate,
          momentum,
          rows: gather(plan, iteration),
        }),
      })).carried;
      return after;
    },
    {
      carried: { parameters: stackedSpecs(like), state: stackedSpecs(initial) },
      data: specsOf<Values>(data),
      plan: i64("steps", "runs", "batch"),
      learningRate: f32("runs"),
      momentum: f32("runs"),
    },
  );
  const scores = await compile(
    (given) =>
      vmap((p: Tree<Tensor>) => loss(p as AsTensors<P>, given.batch as Labeled<Tensor>))(given.parameters),
    { parameters: stackedSpecs(like), batch: rowSpecs(data) },
  );

  /** The mean loss of every run over all data, in blocks that bound the memory. */
  async function lossesOf(parameters: Values, count: number): Promise<number[]> {
    const losses = new Array<number>(count).fill(0);
    const size = Math.max(1, Math.floor(SCORED_ROWS / count));
    for (let from = 0; from < problem.rows; from += size) {
      const rows = Math.min(size, problem.rows - from);
      const batch = takeRows(
        data,
        Array.from({ length: rows }, (_, i) => from + i),
      );
      floatData(await scores.run({ parameters, batch })).forEach((value, r) => {
        losses[r] += (rows / problem.rows) * value;
      });
    }
    return losses;
  }

  /** All steps of the plans. */
  async function advance(runs: Runs, { plans, batchSize, rates, momenta }: Steps): Promise<Runs> {
    const count = plans.length;
    const steps = plans[0].length / batchSize;
    const plan = new BigInt64Array(count * plans[0].length);
    for (let t = 0; t < steps; t++)
      for (let r = 0; r < count; r++)
        for (let i = 0; i < batchSize; i++)
          plan[(t * count + r) * batchSize + i] = BigInt(plans[r][t * batchSize + i]);
    const result = await program.run({
      carried: runs,
      data,
      plan: array(plan, [steps, count, batchSize]),
      learningRate: array(Float32Array.from(rates)),
      momentum: array(Float32Array.from(momenta)),
    });
    return result as Runs;
  }

  return {
    /** Runs before their first step. */
    start: (parameters: readonly P[]): Runs => ({
      parameters: stackTrees(parameters),
      state: stackTrees(parameters.map(() => initial)),
    }),
    advance,
    lossesOf,
    /** All steps of the plans; then the mean loss of every run over all data. */
    async run(runs: Runs, steps: Steps): Promise<{ runs: Runs; losses: number[] }> {
      const after = await advance(runs, steps);
      return { runs: after, losses: await lossesOf(after.parameters, steps.plans.length) };
    },
    [Symbol.dispose]() {
      void program.dispose();
      void scores.dispose();
    },
  };
}
