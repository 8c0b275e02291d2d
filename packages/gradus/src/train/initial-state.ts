import { compile, flattenTensors, type Tensor, type Tree, trace, unflattenTree } from "@gradus/graph";
import type { Values } from "../tree/arrays.ts";
import { parameterType, treeSpecs } from "../tree/signature.ts";
import type { StepOptions, StepState } from "./contract.ts";
import type { Settings } from "./settings.ts";
import { settingSpecs } from "./settings.ts";
import { optimizerOf } from "./traced-step.ts";

/** Makes states before the first step. */
export interface InitialState<P, M> extends Disposable {
  start(parameters: P, modelState: M, settings: Record<string, number>): Promise<StepState<P, M>>;
}

/** Compiles the optimizer's `init`; an optimizer without a state needs no program for it. */
export async function compileInitialState<P extends Values, D, M, H extends Settings>(
  options: StepOptions<P, D, M, H>,
): Promise<InitialState<P, M>> {
  const { averaging, settings = {}, runtime } = options;
  const signature = {
    parameters: treeSpecs(options.parameters),
    given: settingSpecs(settings, parameterType(options.parameters)),
  };
  const init = ({ parameters, given }: { parameters: Tree<Tensor>; given: Record<string, Tensor> }) =>
    optimizerOf(options, given).init(flattenTensors(parameters).leaves);
  const { outputs, outputStructure } = trace(init, signature);
  const program = outputs.length > 0 ? await compile(init, signature, { threads: 1, runtime }) : undefined;
  return {
    async start(parameters, modelState, given) {
      const optimizerState =
        (await program?.run({ parameters, given })) ?? unflattenTree(outputStructure, []);
      const average = averaging ? parameters : undefined;
      return {
        parameters,
        modelState,
        optimizerState: optimizerState as Values,
        average,
        steps: 0,
        samples: 0,
      };
    },
    [Symbol.dispose]: () => program?.dispose(),
  };
}
