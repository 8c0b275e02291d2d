import { type LoopAttributes, loopOp, repeat } from "./loop.ts";
import { affectedStates } from "./loop-dependence.ts";
import { withLeading } from "./ops/align.ts";
import { transpose } from "./ops/shape.ts";
import type { Dimension } from "./shape.ts";
import { substitute } from "./substitute.ts";
import { input, type Tensor } from "./tensor.ts";
import { vectorize } from "./vectorize.ts";

type Maybe = Tensor | undefined;

/**
 * A loop over a leading axis: one loop that carries the leading axis for tensors that differ between entries.
 *
 * @param batchedOf the tensor with the leading axis; undefined for tensors that all entries share
 * @returns the results with the leading axis, by index; undefined for those that all entries share
 */
export function vectorizeLoop(
  loop: Tensor,
  batchedOf: (tensor: Tensor) => Maybe,
  size: Dimension,
): readonly Maybe[] {
  const attributes = loop.attributes as LoopAttributes;
  const { parameters, carried, stacked, length } = attributes;
  const [, ...initial] = loop.inputs;
  const [iteration, ...states] = parameters;
  const outer = (loopOp.captures?.(attributes) ?? []).filter(batchedOf);
  const batched = affectedStates(
    attributes,
    initial.map((t) => batchedOf(t) !== undefined),
    outer,
  );
  const start = initial.map((t, j) => {
    const own = batchedOf(t);
    return batched[j] ? withLeading(own ?? t, own !== undefined, size) : t;
  });
  const stackedBatched: boolean[] = [];
  const vectorized = repeat(length, start, (values, i) => {
    const entries = states.map((state) => input("entry of a loop", state));
    const outputs = substitute(
      [...carried, ...stacked],
      new Map([
        [iteration, i],
        ...states.map((state, j) => [state, batched[j] ? entries[j] : values[j]] as const),
      ]),
    );
    const results = vectorize(
      outputs,
      [...entries.filter((_, j) => batched[j]), ...outer],
      [...values.filter((_, j) => batched[j]), ...outer.map((t) => batchedOf(t)!)],
      size,
    );
    const ofCarried = results.slice(0, carried.length);
    const ofStacked = results.slice(carried.length);
    stackedBatched.push(...ofStacked.map((t) => t !== undefined));
    return {
      carried: ofCarried.map((own, j) =>
        batched[j] ? withLeading(own ?? outputs[j], own !== undefined, size) : outputs[j],
      ),
      stacked: ofStacked.map((own, s) => own ?? outputs[carried.length + s]),
    };
  });
  const entriesFirst = (t: Tensor) => transpose(t, [1, 0, ...[...t.shape.keys()].slice(2)]);
  return [
    ...vectorized.carried.map((t, j) => (batched[j] ? t : undefined)),
    ...vectorized.stacked.map((t, s) => (stackedBatched[s] ? entriesFirst(t) : undefined)),
  ];
}
