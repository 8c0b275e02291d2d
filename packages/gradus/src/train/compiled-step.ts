import { type ArrayValue, compile, i64, type Tensor, type TensorSpec, type Tree } from "@gradus/graph";
import type { Values, ValuesOf } from "../tree/arrays.ts";
import { parameterType, treeSpecs } from "../tree/signature.ts";
import type { StepOptions, StepState } from "./contract.ts";
import type { InitialState } from "./initial-state.ts";
import { type Settings, settingSpecs, settingValues } from "./settings.ts";
import type { Carried, StepGraph } from "./step-parts.ts";

/** What a call of a compiled step is given. */
export interface StepCall<P, M, H> {
  readonly state: StepState<P, M>;
  /** What the graph takes in addition to the state. */
  readonly inputs: Tree<ArrayValue>;
  /** Steps that the call takes. */
  readonly steps: number;
  /** Rows of each of their batches. */
  readonly rows: number;
  readonly settings?: Partial<H>;
}

/** A compiled step, or a loop of steps. */
export interface CompiledStep<P, M, H> extends Disposable {
  run(call: StepCall<P, M, H>): Promise<{
    readonly state: StepState<P, M>;
    /** What the graph returned, with arrays in place of tensors. */
    readonly told: unknown;
  }>;
  /** As an ONNX file. */
  readonly model: Uint8Array;
}

/**
 * Compiles a step that has been put together from its parts: one program, one call.
 *
 * @throws ShapeError when tracing the loss fails
 */
export async function compileStepGraph<
  P extends ValuesOf<P>,
  D,
  M extends ValuesOf<M>,
  H extends Settings,
  T,
>(
  { averaging, parameters: like, modelState, settings = {} as H, threads, runtime }: StepOptions<P, D, M, H>,
  { optimizerSpecs }: Pick<InitialState<P, M>, "optimizerSpecs">,
  { inputs: inputSpecs, sizes, take }: StepGraph<Tree<TensorSpec>, T>,
): Promise<CompiledStep<P, M, H>> {
  const program = await compile(
    ({ carried, inputs, given, steps, samples }) => {
      const { after, told } = take(carried as Carried, inputs, { given, steps, samples });
      return { after, told: told as Tree<Tensor> };
    },
    {
      carried: {
        parameters: treeSpecs(like),
        modelState: treeSpecs(modelState ?? {}),
        optimizerState: optimizerSpecs,
        average: averaging ? treeSpecs(like) : [],
      },
      inputs: inputSpecs,
      given: settingSpecs(settings, parameterType(like)),
      steps: i64(),
      samples: i64(),
    },
    { threads, runtime, sizes },
  );
  return {
    async run({ state, inputs, steps: taken, rows, settings: changed }) {
      const { parameters, modelState, optimizerState, average = [], steps, samples } = state;
      const { after, told } = (await program.run({
        carried: { parameters, modelState, optimizerState, average },
        inputs,
        given: settingValues(settings, changed),
        steps,
        samples,
      })) as {
        after: { parameters: P; modelState: M; optimizerState: Values; average: P };
        told: unknown;
      };
      return {
        state: {
          ...after,
          average: averaging ? after.average : undefined,
          steps: steps + taken,
          samples: samples + taken * rows,
        },
        told,
      };
    },
    model: program.model,
    [Symbol.dispose]: () => program.dispose(),
  };
}
