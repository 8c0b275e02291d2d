import { type LoopAttributes, loopOp, loopResultOp } from "./loop.ts";
import { apply, reachable, type Tensor } from "./tensor.ts";

interface Used {
  /** The nodes that the outputs use, without unused loop results. */
  readonly tensors: ReadonlySet<Tensor>;
  /** For each loop, the indices of its used results and of the carried tensors that they need. */
  readonly places: ReadonlyMap<Tensor, ReadonlySet<number>>;
}

function findUsed(outputs: readonly Tensor[]): Used {
  const tensors = new Set<Tensor>();
  const places = new Map<Tensor, Set<number>>();
  const ownerOf = new Map<Tensor, { readonly loop: Tensor; readonly place: number }>();
  const pending = [...outputs];
  const use = (loop: Tensor, place: number) => {
    const { parameters, carried, stacked } = loop.attributes as LoopAttributes;
    let used = places.get(loop);
    if (!used) {
      used = new Set();
      places.set(loop, used);
      parameters.slice(1).forEach((state, j) => {
        ownerOf.set(state, { loop, place: j });
      });
      tensors.add(loop);
      pending.push(loop.inputs[0]);
    }
    if (used.has(place)) return;
    used.add(place);
    if (place < carried.length) pending.push(carried[place], loop.inputs[place + 1]);
    else pending.push(stacked[place - carried.length]);
  };
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (tensors.has(tensor)) continue;
    tensors.add(tensor);
    const owner = ownerOf.get(tensor);
    if (owner) use(owner.loop, owner.place);
    if (tensor.op === loopResultOp)
      use(tensor.inputs[0], (tensor.attributes as { readonly index: number }).index);
    else pending.push(...tensor.inputs);
  }
  return { tensors, places };
}

/**
 * The same outputs from loops without unused results: derivatives request everything that might be needed, such as the
 * carried tensors of every iteration. Call it after all derivatives are taken.
 */
export function withoutUnusedResults(outputs: readonly Tensor[]): readonly Tensor[] {
  if (!reachable(outputs).some(({ op }) => op === loopOp)) return outputs;
  const { tensors, places } = findUsed(outputs);
  const known = new Map<Tensor, Tensor>();
  const replaced = (t: Tensor) => known.get(t) ?? t;
  /** For each loop, the new indices of its results by the old ones. */
  const moved = new Map<Tensor, ReadonlyMap<number, number>>();
  for (const node of [...tensors].sort((a, b) => a.id - b.id)) {
    const used = places.get(node);
    if (used) {
      const { parameters, carried, stacked, length } = node.attributes as LoopAttributes;
      const [count, ...initial] = node.inputs;
      const kept = [...used].sort((a, b) => a - b);
      moved.set(node, new Map(kept.map((place, i) => [place, i])));
      const states = kept.filter((place) => place < carried.length);
      known.set(
        node,
        apply(loopOp, [count, ...states.map((j) => initial[j])].map(replaced), {
          parameters: [parameters[0], ...states.map((j) => parameters[j + 1])],
          carried: states.map((j) => replaced(carried[j])),
          stacked: kept.slice(states.length).map((place) => replaced(stacked[place - carried.length])),
          length,
          captures: [],
          reads: [],
        }),
      );
    } else if (node.op === loopResultOp) {
      const { index } = node.attributes as { readonly index: number };
      const [loop] = node.inputs;
      known.set(node, apply(loopResultOp, [replaced(loop)], { index: moved.get(loop)!.get(index)! }));
    } else if (node.inputs.some((t) => known.has(t)))
      known.set(node, apply(node.op, node.inputs.map(replaced), node.attributes));
  }
  return outputs.map(replaced);
}
