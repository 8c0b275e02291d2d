import {
  compile,
  flattenTensors,
  type Tensor,
  type TensorSpec,
  type Tree,
  trace,
  unflattenTree,
} from "@gradus/graph";
import type { Values, ValuesOf } from "../tree/arrays.ts";
import { parameterType, treeSpecs } from "../tree/signature.ts";
import type { LowMemory, StepOptions, StepState } from "./contract.ts";
import { type Settings, settingSpecs, settingValues } from "./settings.ts";
import { optimizerOf } from "./step-parts.ts";
import { compileVectorInit } from "./vector-update.ts";

/** Where steps begin: parameters, model state, and values of the settings. */
export interface StepStart<P, M, H> {
  readonly parameters?: P;
  readonly modelState?: M;
  readonly settings?: Partial<H>;
}

/** Makes states before the first step. */
export interface InitialState<P, M, H = Settings> extends Disposable {
  /** The state before the first step; from the parameters and model state compiled with unless others are given. */
  start(begin?: StepStart<P, M, H>): Promise<StepState<P, M>>;
  /** The signature of the optimizer's state. */
  readonly optimizerSpecs: Tree<TensorSpec>;
}

/** Compiles the optimizer's `init`; an optimizer without a state needs no program for it. */
export async function compileInitialState<
  P extends ValuesOf<P>,
  D,
  M extends ValuesOf<M>,
  H extends Settings,
>(options: StepOptions<P, D, M, H> & LowMemory): Promise<InitialState<P, M, H>> {
  const { averaging, settings = {}, runtime } = options;
  const signature = {
    parameters: treeSpecs(options.parameters),
    given: settingSpecs(settings, parameterType(options.parameters)),
  };
  const init = ({ parameters, given }: { parameters: Tree<Tensor>; given: Record<string, Tensor> }) =>
    optimizerOf(options, given).init(flattenTensors(parameters).leaves);
  const { outputs, outputStructure } = trace(init, signature);
  const vectors = options.lowMemory && outputs.length > 0 && (await compileVectorInit(options));
  const program =
    outputs.length > 0 && !vectors ? await compile(init, signature, { threads: 1, runtime }) : undefined;
  const start = async ({
    parameters = options.parameters,
    modelState = options.modelState ?? ({} as M),
    settings: changed,
  }: StepStart<P, M, H> = {}): Promise<StepState<P, M>> => {
    const given = settingValues(settings, changed);
    const optimizerState = ((await program?.run({ parameters, given })) ??
      unflattenTree(outputStructure, vectors ? await vectors.run(parameters, given) : [])) as Values;
    const average = averaging ? parameters : undefined;
    return { parameters, modelState, optimizerState, average, steps: 0, samples: 0 };
  };
  const specs = outputs.map(({ tensor: { dtype, shape } }): TensorSpec => ({ dtype, shape }));
  return {
    start,
    optimizerSpecs: unflattenTree(outputStructure, specs) as Tree<TensorSpec>,
    [Symbol.dispose]() {
      program?.dispose();
      if (vectors) vectors[Symbol.dispose]();
    },
  };
}

/** Runs what may fail, and frees what was made before it when it does. */
export async function orDispose<T>(made: Disposable, next: Promise<T>): Promise<T> {
  try {
    return await next;
  } catch (error) {
    made[Symbol.dispose]();
    throw error;
  }
}
