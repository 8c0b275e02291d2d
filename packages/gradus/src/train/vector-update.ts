import { type ArrayValue, compile, flattenTensors, i64, releaseArrays, unflattenTree } from "@gradus/graph";
import { flattenArrays, type Values, type ValuesOf } from "../tree/arrays.ts";
import type { StepOptions, StepState } from "./contract.ts";
import { type Settings, settingSpecs, settingValues } from "./settings.ts";
import { optimizerOf, updatePart } from "./step-parts.ts";
import { vectorState } from "./vector-state.ts";
import { freshArrays, partsOf, putVector, vectorOf } from "./vectors.ts";

/** Makes the state of an optimizer before the first step. */
export interface VectorInit extends Disposable {
  /** The arrays of the state in order. */
  run(parameters: unknown, given: Readonly<Record<string, number>>): Promise<readonly ArrayValue[]>;
}

interface Overwritten {
  readonly parameters: boolean;
  readonly optimizerState: boolean;
}

/** Moves the parameters along a gradient. */
export interface VectorUpdate<P, M, H> extends Disposable {
  /**
   * The parameters, their average and the optimizer's state after a step.
   *
   * @param gradient its arrays in the order of the parameters; it is emptied as they are used up
   * @param how.overwritten whether the arrays of parameters, average and optimizer's state are filled with the next ones
   */
  run(
    state: StepState<P, M>,
    gradient: ArrayValue[],
    how: { readonly settings: Partial<H> | undefined; readonly overwritten: Overwritten },
  ): Promise<Pick<StepState<P, M>, "parameters" | "optimizerState" | "average">>;
}

const elementsOf = (arrays: readonly ArrayValue[]) => arrays.map(({ data }) => data.length);

/**
 * Compiles the `init` of an optimizer for vectors, as parts of the parameters.
 *
 * @throws ArgumentError for an optimizer that is not elementwise
 */
export async function compileVectorInit<P, D, M, H extends Settings>(
  options: StepOptions<P, D, M, H>,
): Promise<VectorInit> {
  const vectors = vectorState(options);
  const { dtype, vector } = vectors;
  const program = await compile(
    ({ parameter, given }) => flattenTensors(optimizerOf(options, given).init([parameter])).leaves,
    { parameter: vector, given: settingSpecs(options.settings ?? {}, dtype) },
    { threads: 1, runtime: options.runtime },
  );
  return {
    async run(parameters, given) {
      const { leaves } = flattenArrays(parameters);
      const groups = vectors.fresh(leaves);
      for (const part of partsOf(elementsOf(leaves)))
        vectors.write(await program.run({ parameter: vectorOf(leaves, part, dtype), given }), part, groups);
      return groups.flat();
    },
    [Symbol.dispose]: () => program.dispose(),
  };
}

/**
 * Compiles the update of an optimizer for vectors, as parts of the parameters: the runtime then never holds more than a
 * part of parameters, gradient and state.
 *
 * @throws ArgumentError for an optimizer that is not elementwise
 */
export async function compileVectorUpdate<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  M extends ValuesOf<M>,
  H extends Settings,
>(options: StepOptions<P, D, M, H>): Promise<VectorUpdate<P, M, H>> {
  const { averaging, settings = {} as H, runtime } = options;
  const vectors = vectorState(options);
  const { dtype, vector, specs } = vectors;
  const update = updatePart(options);
  const program = await compile(
    ({ parameter, gradient, average, optimizerState, given, steps, samples }) => {
      const carried = { parameters: [parameter], modelState: [], optimizerState, average };
      const after = update(carried, [gradient], ["parameters"], { given, steps, samples });
      return {
        parameter: after.parameters[0],
        average: after.average,
        optimizerState: flattenTensors(after.optimizerState).leaves,
      };
    },
    {
      parameter: vector,
      gradient: vector,
      average: averaging ? [vector] : [],
      optimizerState: specs,
      given: settingSpecs(settings, dtype),
      steps: i64(),
      samples: i64(),
    },
    { threads: 1, runtime },
  );
  return {
    async run(
      { parameters, average, optimizerState, steps, samples },
      gradient,
      { settings: changed, overwritten },
    ) {
      const weights = flattenArrays(parameters);
      const averages = flattenArrays(averaging ? average : []).leaves;
      const state = flattenArrays(optimizerState);
      const groups = vectors.groups(state.leaves, weights.leaves.length);
      const sizes = elementsOf(weights.leaves);
      const filled = (arrays: readonly ArrayValue[]) =>
        overwritten.parameters ? [...arrays] : freshArrays(arrays, dtype);
      const next = {
        weights: filled(weights.leaves),
        averages: filled(averages),
        groups: overwritten.optimizerState
          ? groups.map((group) => [...group])
          : vectors.fresh(weights.leaves),
      };
      const given = settingValues(settings, changed);
      for (const part of partsOf(sizes)) {
        const after = await program.run({
          parameter: vectorOf(weights.leaves, part, dtype),
          gradient: vectorOf(gradient, part, dtype),
          average: averages.length > 0 ? [vectorOf(averages, part, dtype)] : [],
          optimizerState: vectors.read(groups, part),
          given,
          steps,
          samples,
        });
        putVector(after.parameter, part, next.weights);
        for (const vector of after.average) putVector(vector, part, next.averages);
        vectors.write(after.optimizerState, part, next.groups);
        releaseArrays([after.parameter, ...after.average]);
        for (const { array, to } of part) if (to === sizes[array]) releaseArrays(gradient[array]);
      }
      return {
        parameters: unflattenTree(weights.structure, next.weights) as P,
        average: averaging ? (unflattenTree(weights.structure, next.averages) as P) : undefined,
        optimizerState: unflattenTree(state.structure, next.groups.flat()) as Values,
      };
    },
    [Symbol.dispose]: () => program.dispose(),
  };
}
