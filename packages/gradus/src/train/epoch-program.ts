import {
  type ArrayValue,
  add,
  compile,
  flattenTensors,
  gather,
  i64,
  mul,
  repeat,
  size,
  type Tensor,
  type Tree,
  unflattenTree,
} from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import type { Values } from "../tree/arrays.ts";
import { rowCount } from "../tree/rows.ts";
import { dataSpecs, parameterType, treeSpecs } from "../tree/signature.ts";
import type { StepOptions, StepState } from "./contract.ts";
import { compileInitialState } from "./initial-state.ts";
import type { Settings } from "./settings.ts";
import { settingSpecs, settingValues } from "./settings.ts";
import { type Carried, tracedStep } from "./traced-step.ts";

/** Steps of training inside one call: what `compileEpochs` makes. */
export interface EpochProgram<P, D, M> extends Disposable {
  /** The state before the first step. */
  start(parameters: P, modelState: M, settings: Record<string, number>): Promise<StepState<P, M>>;
  /** Takes one step for each row of `plan` [steps, batch], or each entry [steps] with full batches. */
  run(
    state: StepState<P, M>,
    data: D,
    plan: ArrayValue,
    settings: Record<string, number>,
  ): Promise<{
    readonly state: StepState<P, M>;
    /** The loss before each step. */
    readonly losses: ArrayValue;
  }>;
  readonly model: Uint8Array;
}

/** Compiles the loop over training steps: forward, backward and update in one ONNX Loop. */
export async function compileEpochs<P extends Values, D extends Values, M extends Values, H extends Settings>(
  options: StepOptions<P, D, M, H> & { readonly batchSize: number | "full" },
): Promise<EpochProgram<P, D, M>> {
  const { averaging, batchSize, parameters, settings = {}, threads, runtime } = options;
  const modelState: Values = options.modelState ?? {};
  const dtype = parameterType(parameters);
  if (batchSize !== "full" && !(Number.isInteger(batchSize) && batchSize >= 1))
    throw new ArgumentError(`batchSize must be "full" or a whole number >= 1, got ${batchSize}`);
  rowCount(options.data);

  const initial = await compileInitialState(options);
  const step = tracedStep(options);
  const epochs = async () => {
    const { optimizerState } = await initial.start(
      parameters,
      options.modelState ?? ({} as M),
      settingValues(settings),
    );
    return compile(
      ({ carried, data, plan, given, steps, samples }) => {
        const { leaves, structure } = flattenTensors(data);
        const rows = size(batchSize === "full" ? [leaves[0].shape[0]] : ["batch"], "i64");
        return repeat("steps", carried as Carried, (current, iteration) => {
          const chosen = batchSize === "full" ? undefined : gather(plan, iteration);
          const batch = chosen
            ? (unflattenTree(
                structure,
                leaves.map((t) => gather(t, chosen)),
              ) as Tree<Tensor>)
            : data;
          const { after, loss } = step(current, {
            batch,
            given,
            steps: add(steps, iteration),
            samples: add(samples, mul(iteration, rows)),
          });
          return { carried: after, stacked: loss };
        });
      },
      {
        carried: {
          parameters: treeSpecs(parameters),
          modelState: treeSpecs(modelState),
          optimizerState: treeSpecs(optimizerState),
          average: averaging ? treeSpecs(parameters) : [],
        },
        data: dataSpecs(options.data),
        plan: batchSize === "full" ? i64("steps") : i64("steps", "batch"),
        given: settingSpecs(settings, dtype),
        steps: i64(),
        samples: i64(),
      },
      { threads, runtime },
    );
  };
  const program = await epochs().catch((error: unknown) => {
    initial[Symbol.dispose]();
    throw error;
  });

  return {
    start: initial.start,
    async run(state, data, plan, given) {
      const { parameters, modelState, optimizerState, average = [], steps, samples } = state;
      const { carried, stacked } = (await program.run({
        carried: { parameters, modelState, optimizerState, average },
        data,
        plan,
        given,
        steps,
        samples,
      })) as {
        carried: { parameters: P; modelState: M; optimizerState: Values; average: P };
        stacked: ArrayValue;
      };
      const batchRows = batchSize === "full" ? rowCount(data) : plan.shape[1];
      return {
        state: {
          ...carried,
          average: averaging ? carried.average : undefined,
          steps: steps + plan.shape[0],
          samples: samples + plan.shape[0] * batchRows,
        },
        losses: stacked,
      };
    },
    model: program.model,
    [Symbol.dispose]() {
      initial[Symbol.dispose]();
      program.dispose();
    },
  };
}
