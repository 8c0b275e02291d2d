import {
  type ArrayValue,
  compile,
  exportOnnx,
  flattenTensors,
  item,
  type TensorSpec,
  type Tree,
} from "@gradus/graph";
import type { ValuesOf } from "../tree/arrays.ts";
import { rowCount, takeRows } from "../tree/rows.ts";
import { dataSpecs, parameterType, treeSpecs } from "../tree/signature.ts";
import { type CompiledStep, stepProgram } from "./compiled-step.ts";
import type { StepOptions } from "./contract.ts";
import { type InitialState, orDispose } from "./initial-state.ts";
import { type Settings, settingSpecs, settingValues } from "./settings.ts";
import { lossGradient, type StepGraph } from "./step-parts.ts";
import { compileVectorUpdate } from "./vector-update.ts";

/**
 * Compiles the steps of a loop as calls of their own: one for the gradient of a batch, then some for the update.
 *
 * @param loop the loop, as which its file has the steps
 * @throws ArgumentError for an optimizer that is not elementwise; ShapeError when tracing the loss fails
 */
export async function compileSeparateSteps<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  M extends ValuesOf<M>,
  H extends Settings,
>(
  options: StepOptions<P, D, M, H>,
  initial: Pick<InitialState<P, M>, "optimizerSpecs">,
  {
    loop,
    batchSize,
  }: { readonly loop: StepGraph<Tree<TensorSpec>, unknown>; readonly batchSize: number | "full" },
): Promise<CompiledStep<P, M, H>> {
  const { parameters: like, modelState: firstState = {}, data: firstData, settings = {} as H } = options;
  const { threads, runtime } = options;
  const vectors = await compileVectorUpdate(options);
  const gradientOf = lossGradient(options);
  const program = await orDispose(
    vectors,
    compile(
      ({ parameters, modelState, batch, given }) => {
        const carried = { parameters, modelState, optimizerState: [], average: [] };
        const { gradient, modelState: next, told } = gradientOf(carried, batch, given);
        return { gradient: flattenTensors(gradient).leaves, modelState: next, loss: told };
      },
      {
        parameters: treeSpecs(like),
        modelState: treeSpecs(firstState),
        batch: dataSpecs(firstData),
        given: settingSpecs(settings, parameterType(like)),
      },
      { threads, runtime, sizes: { rows: batchSize === "full" ? rowCount(firstData) : batchSize } },
    ),
  );
  return {
    async run({ state: before, inputs, steps, rows, settings: changed, overwrite = false }) {
      const { data, plan } = inputs as { readonly data: D; readonly plan: ArrayValue };
      const losses = new Float64Array(steps);
      let state = before;
      for (let i = 0; i < steps; i++) {
        const batch =
          batchSize === "full"
            ? data
            : takeRows(data, Array.from(plan.data.subarray(i * rows, (i + 1) * rows), Number));
        const { parameters, modelState } = state;
        const given = settingValues(settings, changed);
        const {
          gradient,
          loss,
          modelState: next,
        } = await program.run({ parameters, modelState, batch, given });
        losses[i] = item(loss);
        // Arrays made in this call are nobody's yet; the first parameters are those of the options.
        const own = overwrite || i > 0;
        const overwritten = { parameters: own && state.steps > 0, optimizerState: own };
        state = {
          ...(await vectors.run(state, gradient as ArrayValue[], { settings: changed, overwritten })),
          modelState: next as M,
          steps: state.steps + 1,
          samples: state.samples + rows,
        };
      }
      return { state, told: { dtype: "f64", shape: [steps], data: losses } };
    },
    get model() {
      const { f, specs } = stepProgram(options, initial, loop);
      return exportOnnx(f, specs);
    },
    [Symbol.dispose]() {
      program.dispose();
      vectors[Symbol.dispose]();
    },
  };
}
