import { compile, i64 } from "@gradus/graph";
import type { Values } from "../../tree/arrays.ts";
import { parameterType, treeSpecs } from "../../tree/signature.ts";
import type { StepOptions, StepState } from "../contract.ts";
import { compileInitialState } from "../initial-state.ts";
import type { Settings } from "../settings.ts";
import { settingSpecs, settingValues } from "../settings.ts";
import { type Carried, tracedUpdate } from "../traced-step.ts";

/** A model without a state of its own. */
export type NoState = Record<string, never>;

/** Updates of parameters by gradients that were made elsewhere. */
export interface UpdateProgram<P, H> extends Disposable {
  /** The optimizer's state for the compiled parameters. */
  readonly optimizerState: Values;
  /** The state before the first step. */
  init(parameters: P, settings?: Partial<H>): Promise<StepState<P, NoState>>;
  /** The state after a step along the gradient of a batch of `rows` rows. */
  update(
    state: StepState<P, NoState>,
    gradient: P,
    rows: number,
    settings?: Partial<H>,
  ): Promise<StepState<P, NoState>>;
}

/** Compiles what a step does behind its gradient: the optimizer's update, and the running average. */
export async function compileUpdate<P extends Values, D extends Values, H extends Settings>(
  options: StepOptions<P, D, NoState, H>,
): Promise<UpdateProgram<P, H>> {
  const { averaging, parameters: like, settings = {}, threads, runtime } = options;
  const initial = await compileInitialState(options);
  const traced = tracedUpdate(options);
  const compileProgram = async () => {
    const { optimizerState } = await initial.start(like, {}, settingValues(settings));
    const compiled = await compile(
      ({ carried, gradient, given, steps, samples }) =>
        traced(carried as Carried, gradient, { given, steps, samples }),
      {
        carried: {
          parameters: treeSpecs(like),
          modelState: {},
          optimizerState: treeSpecs(optimizerState),
          average: averaging ? treeSpecs(like) : [],
        },
        gradient: treeSpecs(like),
        given: settingSpecs(settings, parameterType(like)),
        steps: i64(),
        samples: i64(),
      },
      { threads, runtime },
    );
    return { optimizerState, program: compiled };
  };
  const { optimizerState: start, program } = await compileProgram().catch((error: unknown) => {
    initial[Symbol.dispose]();
    throw error;
  });
  return {
    optimizerState: start,
    init: (parameters, changed) => initial.start(parameters, {}, settingValues(settings, changed)),
    async update({ parameters, optimizerState, average = [], steps, samples }, gradient, rows, changed) {
      const after = await program.run({
        carried: { parameters, modelState: {}, optimizerState, average },
        gradient,
        given: settingValues(settings, changed),
        steps,
        samples,
      });
      return {
        parameters: after.parameters as P,
        modelState: {},
        optimizerState: after.optimizerState,
        average: averaging ? (after.average as P) : undefined,
        steps: steps + 1,
        samples: samples + rows,
      };
    },
    [Symbol.dispose]() {
      initial[Symbol.dispose]();
      program.dispose();
    },
  };
}
