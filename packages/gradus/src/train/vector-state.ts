import {
  type ArrayValue,
  type FloatType,
  flattenTensors,
  type TensorSpec,
  type Tree,
  trace,
  unflattenTree,
} from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import type { Values } from "../tree/arrays.ts";
import { parameterType } from "../tree/signature.ts";
import type { StepOptions } from "./contract.ts";
import { listsOf } from "./packing.ts";
import { type Settings, settingSpecs } from "./settings.ts";
import { optimizerOf } from "./step-parts.ts";
import { freshArrays, type Piece, putVector, vectorOf } from "./vectors.ts";

/** The state of an elementwise optimizer for a part of the parameters, as one vector. */
export interface VectorState {
  readonly dtype: FloatType;
  /** The signature of a vector. */
  readonly vector: TensorSpec;
  /** The signature of the state for a vector. */
  readonly specs: Tree<TensorSpec>;
  /** The arrays of a whole state for a number of parameters: each of its lists, and each other array by itself. */
  groups(leaves: readonly ArrayValue[], parameters: number): readonly ArrayValue[][];
  /** Groups to be filled: lists of arrays like the parameters, and what is shared by all parts. */
  fresh(parameters: readonly ArrayValue[]): ArrayValue[][];
  /** The part's state. */
  read(groups: readonly ArrayValue[][], part: readonly Piece[]): Values;
  /** Puts a part's state in its place. */
  write(leaves: readonly ArrayValue[], part: readonly Piece[], groups: ArrayValue[][]): void;
}

/**
 * The state for vectors.
 *
 * @throws ArgumentError for an optimizer that is not elementwise
 */
export function vectorState<P, D, M, H extends Settings>(options: StepOptions<P, D, M, H>): VectorState {
  const dtype = parameterType(options.parameters);
  const vector: TensorSpec = { dtype, shape: ["elements"] };
  let isList: readonly boolean[] = [];
  const { outputs, outputStructure } = trace(
    ({ parameter, given }) => {
      const optimizer = optimizerOf(options, given);
      if (!optimizer.elementwise)
        throw new ArgumentError(
          "lowMemory needs an optimizer that treats each number alike, such as adam or sgd; this one reads norms or names of parameters",
        );
      const state = optimizer.init([parameter]);
      // A list with a tensor for each parameter is longer for two of them.
      const two = optimizer.init([parameter, parameter]);
      isList = listsOf(flattenTensors(two).structure, flattenTensors(state).structure);
      return state;
    },
    { parameter: vector, given: settingSpecs(options.settings ?? {}, dtype) },
  );
  const specs = outputs.map(({ tensor: { dtype, shape } }): TensorSpec => ({ dtype, shape }));
  return {
    dtype,
    vector,
    specs: unflattenTree(outputStructure, specs) as Tree<TensorSpec>,
    groups(leaves, parameters) {
      let read = 0;
      return isList.map((list) => {
        const from = read;
        read += list ? parameters : 1;
        return leaves.slice(from, read);
      });
    },
    fresh: (parameters) => isList.map((list) => (list ? freshArrays(parameters, dtype) : [])),
    read(groups, part) {
      const leaves = groups.map((group, k) => (isList[k] ? vectorOf(group, part, dtype) : group[0]));
      return unflattenTree(outputStructure, leaves) as Values;
    },
    write(leaves, part, groups) {
      leaves.forEach((array, k) => {
        if (isList[k]) putVector(array, part, groups[k]);
        else groups[k] = [array];
      });
    },
  };
}
