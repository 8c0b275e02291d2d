import { concat, flattenTensors, reshape, split, type Tensor, type Tree, unflattenTree } from "@gradus/graph";
import type { GradientTransformation } from "./transformation.ts";

/** Tensors with more elements stay by themselves: copying them takes longer than the operations that it saves. */
const MOST_ELEMENTS = 2 ** 16;

/**
 * Small parameters, and the tensors of gradients and states that correspond to them, as parts of one vector: an
 * elementwise update is then one operation for all of them instead of one for each.
 */
export interface Packing {
  /** The vector of the small tensors among those that correspond to the parameters, then the others. */
  pack(tensors: readonly Tensor[]): readonly Tensor[];
  /** The tensors of which `pack` made these. */
  unpack(packed: readonly Tensor[]): readonly Tensor[];
  /** The state of the optimizer for packed parameters. */
  packState(state: Tree<Tensor>): Tree<Tensor>;
  unpackState(packed: Tree<Tensor>): Tree<Tensor>;
  /** The names of the parameters, as `pack` orders them. */
  packPaths(paths: readonly string[]): readonly string[];
}

const unpacked: Packing = {
  pack: (tensors) => tensors,
  unpack: (tensors) => tensors,
  packState: (state) => state,
  unpackState: (state) => state,
  packPaths: (paths) => paths,
};

type Structure = ReturnType<typeof flattenTensors>["structure"];

/**
 * For each list that corresponds to the parameters, and for each other tensor of a state in order, whether it is such a
 * list: those have another length in the state for packed parameters.
 */
export function listsOf(whole: Structure, packed: Structure): boolean[] {
  if (whole.kind === "array" && packed.kind === "array")
    return whole.items.length === packed.items.length
      ? whole.items.flatMap((item, i) => listsOf(item, packed.items[i]))
      : [true];
  if (whole.kind === "object" && packed.kind === "object")
    return whole.entries.flatMap(([, item], i) => listsOf(item, packed.entries[i][1]));
  return [false];
}

/** How an optimizer's updates are packed: where it is elementwise, and keeps something for each parameter. */
export function packingFor(optimizer: GradientTransformation, parameters: readonly Tensor[]): Packing {
  const sizes = parameters.map(({ shape }) => shape.reduce<number>((size, d) => size * Number(d), 1));
  const small = [...sizes.keys()].filter((i) => sizes[i] <= MOST_ELEMENTS);
  const large = [...sizes.keys()].filter((i) => sizes[i] > MOST_ELEMENTS);
  if (optimizer.elementwise !== true || small.length < 2) return unpacked;

  const pack = (tensors: readonly Tensor[]) => [
    concat(small.map((i) => reshape(tensors[i], [sizes[i]]))),
    ...large.map((i) => tensors[i]),
  ];
  const unpack = ([vector, ...others]: readonly Tensor[]) => {
    const tensors = [...parameters];
    split(
      vector,
      small.map((i) => sizes[i]),
    ).forEach((part, k) => {
      tensors[small[k]] = reshape(part, parameters[small[k]].shape);
    });
    others.forEach((tensor, k) => {
      tensors[large[k]] = tensor;
    });
    return tensors;
  };

  const whole = flattenTensors(optimizer.init(parameters)).structure;
  const packed = flattenTensors(optimizer.init(pack(parameters))).structure;
  const lists = listsOf(whole, packed);
  if (!lists.includes(true)) return unpacked;
  const converted =
    (structure: Structure, length: number, convert: Packing["pack"]) =>
    (state: Tree<Tensor>): Tree<Tensor> => {
      const { leaves } = flattenTensors(state);
      let at = 0;
      const next = (count: number) => {
        at += count;
        return leaves.slice(at - count, at);
      };
      const all = lists.flatMap((list) => (list ? convert(next(length)) : next(1)));
      return unflattenTree(structure, all) as Tree<Tensor>;
    };
  return {
    pack,
    unpack,
    packState: converted(packed, parameters.length, pack),
    unpackState: converted(whole, 1 + large.length, unpack),
    packPaths: (paths) => [small.map((i) => paths[i]).join(", "), ...large.map((i) => paths[i])],
  };
}
