import { type ArrayValue, compile, i64, type Tensor, type TensorSpec, type Tree } from "@gradus/graph";
import type { Values, ValuesOf } from "../tree/arrays.ts";
import { parameterType, treeSpecs } from "../tree/signature.ts";
import type { StepOptions, StepState } from "./contract.ts";
import type { InitialState } from "./initial-state.ts";
import { type Settings, settingSpecs, settingValues } from "./settings.ts";
import type { Carried, StepGraph, StepPlace } from "./step-parts.ts";

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
  /** Whether the arrays of the state may be those of the next one, where steps are calls of their own. */
  readonly overwrite?: boolean;
}

/** A compiled step, or a loop of steps. */
export interface CompiledStep<P, M, H> extends Disposable {
  run(call: StepCall<P, M, H>): Promise<{
    readonly state: StepState<P, M>;
    /** What the graph returned, with arrays in place of tensors. */
    readonly told: unknown;
  }>;
  /** As an ONNX file. */
  readonly model: Uint8Array<ArrayBuffer>;
}

/** The tensors that a call is given. */
interface StepInputs extends StepPlace {
  readonly carried: Carried;
  readonly inputs: Tree<Tensor>;
}

/** A step that has been put together from its parts as a function to compile, and its signature. */
export function stepProgram<P extends ValuesOf<P>, D, M extends ValuesOf<M>, H extends Settings, T>(
  {
    averaging,
    parameters: like,
    modelState,
    settings = {} as H,
  }: Pick<StepOptions<P, D, M, H>, "averaging" | "parameters" | "modelState" | "settings">,
  { optimizerSpecs }: Pick<InitialState<P, M>, "optimizerSpecs">,
  { inputs: inputSpecs, take }: StepGraph<Tree<TensorSpec>, T>,
) {
  return {
    f({ carried, inputs, given, steps, samples }: StepInputs) {
      const { after, told } = take(carried, inputs, { given, steps, samples });
      return { after, told: told as Tree<Tensor> };
    },
    specs: {
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
  };
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
  options: StepOptions<P, D, M, H>,
  initial: Pick<InitialState<P, M>, "optimizerSpecs">,
  graph: StepGraph<Tree<TensorSpec>, T>,
): Promise<CompiledStep<P, M, H>> {
  const { averaging, settings = {} as H, threads, runtime } = options;
  const { f, specs } = stepProgram(options, initial, graph);
  const program = await compile(f, specs, { threads, runtime, sizes: graph.sizes });
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
