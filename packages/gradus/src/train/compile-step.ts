import { type ArrayValue, item, type Outputs, type Tensor, type Tree } from "@gradus/graph";
import type { AsTensors, ValuesOf } from "../tree/arrays.ts";
import { rowCount } from "../tree/rows.ts";
import { dataSpecs } from "../tree/signature.ts";
import { checkStepOptions } from "./check-train-options.ts";
import { compileStepGraph } from "./compiled-step.ts";
import type { LossContext, StepOptions, StepState } from "./contract.ts";
import { compileInitialState, orDispose, type StepStart } from "./initial-state.ts";
import type { Settings } from "./settings.ts";
import { lossGradient, stepGraph } from "./step-parts.ts";

/** What `observe` sees of a step: everything before the update. */
export interface Observed<P, D, M, H> extends LossContext<M, H> {
  readonly parameters: AsTensors<P>;
  readonly batch: AsTensors<D>;
  /** Of the batch's loss; a tree like the parameters. */
  readonly gradient: AsTensors<P>;
}

export interface CompileStepOptions<P, D, M, H, O> extends StepOptions<P, D, M, H> {
  /** Anything else to compute in the same call: the gradient's norm, statistics of its noise. */
  readonly observe?: (step: Observed<P, D, M, H>) => O;
}

/** What a step gives: the next state, and the loss before it. */
export interface StepResult<P, M, O> {
  readonly state: StepState<P, M>;
  /** Of the batch, before the step. NaN and infinity are for the caller to see, who owns the loop. */
  readonly loss: number;
  /** What `observe` returned, with arrays in place of tensors. */
  readonly observed: Outputs<O>;
}

/** A compiled training step for batches of any number of rows. Dispose of it, or declare it with `using`. */
export interface StepProgram<P, D, M, H, O> extends Disposable {
  /** The state before the first step; from the parameters and model state compiled with unless others are given. */
  init(start?: StepStart<P, M, H>): Promise<StepState<P, M>>;
  /** One step on one batch; `state` stays as it is. */
  step(state: StepState<P, M>, batch: D, settings?: Partial<H>): Promise<StepResult<P, M, O>>;
  dispose(): void;
  /** The step as an ONNX file. */
  readonly model: Uint8Array<ArrayBuffer>;
}

/**
 * Compiles one training step for a loop of the caller's own, such as one whose batch size changes. A fixed loop is
 * faster by `compileTrainer`, in which parameters do not cross into JavaScript between steps; both give the same
 * numbers.
 *
 * @throws ArgumentError, DataError naming the option that is not usable
 * @throws ShapeError when tracing the loss fails
 */
export async function compileStep<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  M extends ValuesOf<M> = Record<string, never>,
  H extends Settings = Record<string, never>,
  O = Record<string, never>,
>(options: CompileStepOptions<P, D, M, H, O>): Promise<StepProgram<P, D, M, H, O>> {
  checkStepOptions("compileStep", options, ["observe"]);
  const { observe } = options;
  rowCount(options.data);
  const initial = await compileInitialState(options);
  const graph = stepGraph(
    options,
    dataSpecs(options.data),
    lossGradient(options),
    ({ before, input, gradient, told: loss, given }) => ({
      loss,
      observed: (observe?.({
        parameters: before.parameters as AsTensors<P>,
        batch: input as AsTensors<D>,
        gradient: gradient as AsTensors<P>,
        modelState: before.modelState as AsTensors<M>,
        settings: given as { [K in keyof H]: Tensor },
      }) ?? {}) as Tree<Tensor>,
    }),
  );
  const program = await orDispose(initial, compileStepGraph(options, initial, graph));
  const dispose = () => {
    initial[Symbol.dispose]();
    program[Symbol.dispose]();
  };
  return {
    init: initial.start,
    async step(state, batch, settings) {
      const rows = rowCount(batch, "batch");
      const { state: after, told } = await program.run({ state, inputs: batch, steps: 1, rows, settings });
      const { loss, observed } = told as { loss: ArrayValue; observed: Outputs<O> };
      return { state: after, loss: item(loss), observed };
    },
    dispose,
    model: program.model,
    [Symbol.dispose]: dispose,
  };
}
