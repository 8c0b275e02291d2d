import {
  type ArrayValue,
  add,
  compile,
  type FloatType,
  flatten,
  flattenTensors,
  gather,
  i64,
  isTensor,
  repeat,
  scalar,
  specsOf,
  type Tensor,
  type TensorSpec,
  type Tree,
  unflatten,
  valueAndGradientWithAuxiliary,
} from "@gradus/graph";
import { ArgumentError, DataError } from "../errors.ts";
import type { AsTensors, Settings, TrainerOptions, TrainState, Values } from "./contract.ts";

const isArray = (value: unknown): value is ArrayValue =>
  typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value;

const ROWS = "rows";

/** The signature of data in which only the number of rows is open. */
function dataSpecs(data: unknown): unknown {
  const { leaves, paths, structure } = flatten(data, isArray);
  const specs = leaves.map(({ dtype, shape }, i): TensorSpec => {
    if (shape.length === 0) throw new DataError(`data.${paths[i]}: wants one row an example, got a scalar`);
    return { dtype, shape: [ROWS, ...shape.slice(1)] };
  });
  return unflatten(structure, specs);
}

/**
 * The number of rows that all arrays share.
 *
 * @throws DataError naming the array that differs
 */
export function rowsOf(data: unknown): number {
  const { leaves, paths } = flatten(data, isArray);
  if (leaves.length === 0) throw new DataError("data: wants at least one array, got none");
  const rows = leaves[0].shape[0];
  leaves.forEach(({ shape }, i) => {
    if (shape[0] !== rows)
      throw new DataError(
        `data.${paths[i]}: has ${shape[0]} rows, data.${paths[0]} has ${rows}; rows must be equal`,
      );
  });
  if (rows === 0) throw new DataError("data: wants at least one row, got none");
  return rows;
}

function floatTypeOf(parameters: unknown): FloatType {
  const { leaves, paths } = flatten(parameters, isArray);
  const dtype = leaves[0]?.dtype;
  if (dtype !== "f32" && dtype !== "f64")
    throw new ArgumentError(
      `parameters: wants arrays of f32 or f64, got ${dtype ?? "none"} at ${paths[0] ?? "the top"}`,
    );
  return dtype;
}

/** Steps of training inside one call: what `compileEpochs` makes. */
export interface EpochProgram<P, D, M> extends Disposable {
  /** The state before the first step. */
  start(parameters: P, modelState: M, settings: Settings): Promise<TrainState<P, M>>;
  /** Takes one step for each row of `plan` [steps, batch], or each entry [steps] with full batches. */
  run(
    state: TrainState<P, M>,
    data: D,
    plan: ArrayValue,
    settings: Settings,
  ): Promise<{
    readonly state: TrainState<P, M> /** The loss before each step. */;
    readonly losses: ArrayValue;
  }>;
  readonly model: Uint8Array;
}

/** Compiles the loop over training steps: forward, backward and update in one ONNX Loop. */
export async function compileEpochs<P extends Values, D extends Values, M extends Values, H extends Settings>(
  options: TrainerOptions<P, D, M, H>,
): Promise<EpochProgram<P, D, M>> {
  const { loss, optimizer, batchSize, threads } = options;
  const modelState = options.modelState ?? ({} as M);
  const settings = options.settings ?? ({} as H);
  const dtype = floatTypeOf(options.parameters);
  if (batchSize !== "full" && !(Number.isInteger(batchSize) && batchSize >= 1))
    throw new ArgumentError(`batchSize must be "full" or a whole number >= 1, got ${batchSize}`);
  rowsOf(options.data);

  const transformation = (given: Record<string, Tensor>) =>
    typeof optimizer === "function" ? optimizer(given as { [K in keyof H]: Tensor }) : optimizer;
  const settingSpecs = Object.fromEntries(
    Object.keys(settings).map((key): [string, TensorSpec] => [key, { dtype, shape: [] }]),
  );
  const parameterSpecs: Tree<TensorSpec> = specsOf<Values>(options.parameters);

  const initial = await compile(
    ({ parameters, given }) => ({
      state: transformation(given).init(flattenTensors(parameters).leaves),
      // Keeps an input in use when neither the state nor the settings matter.
      unit: scalar(1, dtype),
    }),
    { parameters: parameterSpecs, given: settingSpecs },
    { threads: 1 },
  );
  const scalars = (values: Settings) =>
    Object.fromEntries(
      Object.keys(settings).map((key) => {
        const value = values[key];
        if (!Number.isFinite(value))
          throw new ArgumentError(`settings.${key} must be a finite number, got ${value}`);
        return [key, value];
      }),
    );
  const start = async (parameters: P, state: M, given: Settings): Promise<TrainState<P, M>> => {
    const result = (await initial.run({ parameters, given: scalars(given) })) as { state: Values };
    return { parameters, modelState: state, optimizerState: result.state };
  };
  const { optimizerState } = await start(options.parameters, modelState, settings);
  const differentiated = valueAndGradientWithAuxiliary(
    (parameters: Tree<Tensor>, batch: Tree<Tensor>, state: Tree<Tensor>, given: Record<string, Tensor>) => {
      const result = loss(parameters as AsTensors<P>, batch as AsTensors<D>, {
        modelState: state as AsTensors<M>,
        settings: given as { [K in keyof H]: Tensor },
      });
      return isTensor(result)
        ? { loss: result, auxiliary: state }
        : { loss: result.loss, auxiliary: result.modelState as Tree<Tensor> };
    },
  );

  const program = await compile(
    ({ parameters, state, optimizerState: initialOptimizerState, data, plan, given }) => {
      const { leaves: dataLeaves, structure: dataStructure } = flattenTensors(data);
      const initially = { parameters, state, optimizerState: initialOptimizerState } as Record<
        string,
        Tree<Tensor>
      >;
      return repeat("steps", initially, (carried, step) => {
        const rows = batchSize === "full" ? undefined : gather(plan, step);
        const batch = rows
          ? unflatten(
              dataStructure,
              dataLeaves.map((t) => gather(t, rows)),
            )
          : data;
        const { value, gradient, auxiliary } = differentiated(
          carried.parameters,
          batch as Tree<Tensor>,
          carried.state,
          given,
        );
        const current = flattenTensors(carried.parameters);
        const { updates, state } = transformation(given).update(
          flattenTensors(gradient).leaves,
          carried.optimizerState,
          current.leaves,
        );
        const next = unflatten(
          current.structure,
          current.leaves.map((t, i) => add(t, updates[i])),
        ) as Tree<Tensor>;
        return { carried: { parameters: next, state: auxiliary, optimizerState: state }, stacked: value };
      });
    },
    {
      parameters: parameterSpecs,
      state: specsOf<Values>(modelState) as Tree<TensorSpec>,
      optimizerState: specsOf<Values>(optimizerState) as Tree<TensorSpec>,
      data: dataSpecs(options.data) as Tree<TensorSpec>,
      plan: batchSize === "full" ? i64("steps") : i64("steps", "batch"),
      given: settingSpecs,
    },
    { threads },
  ).catch((error: unknown) => {
    initial.dispose();
    throw error;
  });

  return {
    start,
    async run(state, data, plan, given) {
      const result = (await program.run({
        parameters: state.parameters,
        state: state.modelState,
        optimizerState: state.optimizerState,
        data,
        plan,
        given: scalars(given),
      })) as { carried: { parameters: P; state: M; optimizerState: Values }; stacked: ArrayValue };
      const { parameters, state: next, optimizerState } = result.carried;
      return { state: { parameters, modelState: next, optimizerState }, losses: result.stacked };
    },
    model: program.model,
    [Symbol.dispose]() {
      initial.dispose();
      program.dispose();
    },
  };
}
