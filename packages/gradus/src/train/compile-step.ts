import { type ArrayValue, compile, i64, item, type Outputs, type Tensor, type Tree } from "@gradus/graph";
import type { AsTensors, Values } from "../tree/arrays.ts";
import { rowCount } from "../tree/rows.ts";
import { dataSpecs, parameterType, treeSpecs } from "../tree/signature.ts";
import type { LossContext, StepOptions, StepState } from "./contract.ts";
import { compileInitialState } from "./initial-state.ts";
import type { Settings } from "./settings.ts";
import { settingSpecs, settingValues } from "./settings.ts";
import { type Carried, tracedStep } from "./traced-step.ts";

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

/** Where steps begin: parameters, model state, and values of the settings. */
export interface StepStart<P, M, H> {
  readonly parameters?: P;
  readonly modelState?: M;
  readonly settings?: Partial<H>;
}

/** A compiled training step for batches of any number of rows. Dispose of it, or declare it with `using`. */
export interface StepProgram<P, D, M, H, O> extends Disposable {
  /** The state before the first step; from the parameters and model state compiled with unless others are given. */
  init(start?: StepStart<P, M, H>): Promise<StepState<P, M>>;
  /** One step on one batch; `state` stays as it is. */
  step(state: StepState<P, M>, batch: D, settings?: Partial<H>): Promise<StepResult<P, M, O>>;
  dispose(): void;
  /** The step as an ONNX file. */
  readonly model: Uint8Array;
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
  P extends Values,
  D extends Values,
  M extends Values = Record<string, never>,
  H extends Settings = Record<string, never>,
  O = Record<string, never>,
>(options: CompileStepOptions<P, D, M, H, O>): Promise<StepProgram<P, D, M, H, O>> {
  const { averaging, observe, settings = {}, threads, runtime } = options;
  const initialModelState = options.modelState ?? ({} as M);
  const dtype = parameterType(options.parameters);
  rowCount(options.data);
  const initial = await compileInitialState(options);
  const traced = tracedStep(options);
  const compileProgram = async () => {
    const start = await initial.start(options.parameters, initialModelState, settingValues(settings));
    return compile(
      ({ carried, batch, given, steps, samples }) => {
        const { after, loss, gradient } = traced(carried as Carried, { batch, given, steps, samples });
        const observed = observe?.({
          parameters: carried.parameters as AsTensors<P>,
          batch: batch as AsTensors<D>,
          gradient: gradient as AsTensors<P>,
          modelState: carried.modelState as AsTensors<M>,
          settings: given as { [K in keyof H]: Tensor },
        });
        return { after, loss, observed: (observed ?? {}) as Tree<Tensor> };
      },
      {
        carried: {
          parameters: treeSpecs(options.parameters),
          modelState: treeSpecs(initialModelState),
          optimizerState: treeSpecs(start.optimizerState),
          average: averaging ? treeSpecs(options.parameters) : [],
        },
        batch: dataSpecs(options.data),
        given: settingSpecs(settings, dtype),
        steps: i64(),
        samples: i64(),
      },
      { threads, runtime },
    );
  };
  const program = await compileProgram().catch((error: unknown) => {
    initial[Symbol.dispose]();
    throw error;
  });

  const dispose = () => {
    initial[Symbol.dispose]();
    program.dispose();
  };
  return {
    init: ({ parameters = options.parameters, modelState = initialModelState, settings: changed } = {}) =>
      initial.start(parameters, modelState, settingValues(settings, changed)),
    async step({ parameters, modelState, optimizerState, average = [], steps, samples }, batch, changed) {
      const rows = rowCount(batch, "batch");
      const { after, loss, observed } = (await program.run({
        carried: { parameters, modelState, optimizerState, average },
        batch,
        given: settingValues(settings, changed),
        steps,
        samples,
      })) as {
        after: { parameters: P; modelState: M; optimizerState: Values; average: P };
        loss: ArrayValue;
        observed: Outputs<O>;
      };
      const state = {
        ...after,
        average: averaging ? after.average : undefined,
        steps: steps + 1,
        samples: samples + rows,
      };
      return { state, loss: item(loss), observed };
    },
    dispose,
    model: program.model,
    [Symbol.dispose]: dispose,
  };
}
