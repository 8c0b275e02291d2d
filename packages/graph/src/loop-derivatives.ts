import { dependents, usedBy } from "./dependence.ts";
import { pullBack, pushForward } from "./differentiate.ts";
import { isFloat } from "./dtype.ts";
import { type LoopAttributes, loopOp, loopResult, repeat } from "./loop.ts";
import { affectedStates } from "./loop-dependence.ts";
import { add, sub } from "./ops/arithmetic.ts";
import { zerosLike } from "./ops/broadcast.ts";
import { gather } from "./ops/indexing.ts";
import { flip } from "./ops/slice.ts";
import { substitute } from "./substitute.ts";
import type { Tensor } from "./tensor.ts";

type Maybe = Tensor | undefined;

/** Which carried tensors influence a result that has a cotangent. */
function influentialStates({ parameters, carried, stacked }: LoopAttributes, cotangents: readonly Maybe[]) {
  const states = parameters.slice(1);
  const active = states.map((_, j) => cotangents[j] !== undefined);
  const ofStacked = stacked.filter((_, s) => cotangents[carried.length + s]);
  for (let size = -1; size !== active.filter(Boolean).length; ) {
    size = active.filter(Boolean).length;
    const outputs = [...carried.filter((_, j) => active[j]), ...ofStacked];
    const used = new Set([...outputs, ...dependents(outputs, parameters).flatMap(usedBy)]);
    states.forEach((state, j) => {
      active[j] ||= isFloat(state.dtype) && used.has(state);
    });
  }
  return active;
}

/**
 * Reverse mode: c_{i+1}, s_i = body(i, c_i, x_i, w) gives, from the last iteration to the first,
 * (c'_i, x'_i, w'_i) = J_i^T (c'_{i+1}, s'_i), where the Jacobian J_i is taken at the c_i that the loop keeps.
 * w' is the sum of w'_i and is carried; x' has one entry per iteration and is stacked.
 *
 * @param cotangents cotangents of the results, by index
 * @returns cotangents of the tensors that the loop uses
 */
export function pullBackLoop(
  loop: Tensor,
  cotangents: readonly Maybe[],
  isWanted: (tensor: Tensor) => boolean,
): (readonly [Tensor, Tensor])[] {
  const attributes = loop.attributes as LoopAttributes;
  const { parameters, carried, stacked, reads, length } = attributes;
  const [count, ...initial] = loop.inputs;
  const [iteration, ...states] = parameters;
  const wanted = (t: Tensor) => isFloat(t.dtype) && isWanted(t);
  const active = influentialStates(attributes, cotangents);
  const activeOf = <T>(list: readonly T[]) => list.filter((_, j) => active[j]);
  const captures = attributes.captures.filter(wanted);
  const readsOf = (list: readonly Tensor[]) => list.filter((_, r) => wanted(reads[r].inputs[0]));
  // Loops run forward: tensors read on the backward pass are reversed first.
  const backwards = (t: Tensor) => flip(t, 0);
  const firstKept = carried.length + stacked.length - states.length;
  const kept = states.map((_, j) => backwards(loopResult(loop, firstKept + j)));
  const entries = reads.map((read) => backwards(read.inputs[0]));
  const ofStacked = stacked.map((_, s) => cotangents[carried.length + s]);
  const withCotangent = ofStacked.flatMap((cotangent, s) =>
    cotangent ? [{ output: stacked[s], cotangent: backwards(cotangent) }] : [],
  );

  const back = repeat(
    length,
    {
      states: activeOf(initial.map((t, j) => cotangents[j] ?? zerosLike(t))),
      sums: captures.map(zerosLike),
    },
    (sofar, k) => {
      const at = (t: Tensor) => gather(t, k);
      const values = kept.map(at);
      const read = entries.map(at);
      const replacements = new Map<Tensor, Tensor>([
        [iteration, sub(sub(count, 1), k)],
        ...states.map((state, j) => [state, values[j]] as const),
        ...reads.map((node, r) => [node, read[r]] as const),
      ]);
      const outputs = substitute(
        [...activeOf(carried), ...withCotangent.map(({ output }) => output)],
        replacements,
      );
      const variables = [...activeOf(values), ...readsOf(read), ...captures];
      const products = pullBack(
        outputs,
        [...sofar.states, ...withCotangent.map(({ cotangent }) => gather(cotangent, k))],
        variables,
      ).map((product, v) => product ?? zerosLike(variables[v]));
      const ofStates = sofar.states.length;
      const ofReads = variables.length - captures.length;
      return {
        carried: {
          states: products.slice(0, ofStates),
          sums: sofar.sums.map((sum, i) => add(sum, products[ofReads + i])),
        },
        stacked: products.slice(ofStates, ofReads),
      };
    },
  );
  return [
    ...activeOf(initial).flatMap((t, j) => (wanted(t) ? [[t, back.carried.states[j]] as const] : [])),
    ...captures.map((t, i) => [t, back.carried.sums[i]] as const),
    ...readsOf(reads).map((read, r) => [read.inputs[0], backwards(back.stacked[r])] as const),
  ];
}

/**
 * Forward mode: the loop with the tangent of each carried tensor carried as well.
 *
 * @returns tangents of the results, by index
 */
export function pushForwardLoop(loop: Tensor, tangentOf: (tensor: Tensor) => Maybe): readonly Maybe[] {
  const attributes = loop.attributes as LoopAttributes;
  const { parameters, carried, stacked, length } = attributes;
  const [, ...initial] = loop.inputs;
  const [iteration, ...states] = parameters;
  const outer = (loopOp.captures?.(attributes) ?? []).filter(tangentOf);
  const active = affectedStates(
    attributes,
    initial.map((t) => tangentOf(t) !== undefined),
    outer,
  ).map((affected, j) => affected && isFloat(states[j].dtype));
  const places = [...states.keys()].filter((j) => active[j]);
  const stackedPlaces: number[] = [];
  const forward = repeat(
    length,
    { values: initial, tangents: places.map((j) => tangentOf(initial[j]) ?? zerosLike(initial[j])) },
    ({ values, tangents }, i) => {
      const outputs = substitute(
        [...carried, ...stacked],
        new Map([[iteration, i], ...states.map((state, j) => [state, values[j]] as const)]),
      );
      const products = pushForward(
        outputs,
        [...places.map((j) => values[j]), ...outer],
        [...tangents, ...outer.map((t) => tangentOf(t)!)],
      );
      const ofStacked = products.slice(carried.length);
      stackedPlaces.push(...[...ofStacked.keys()].filter((s) => ofStacked[s]));
      return {
        carried: {
          values: outputs.slice(0, carried.length),
          tangents: places.map((j) => products[j] ?? zerosLike(initial[j])),
        },
        stacked: stackedPlaces.map((s) => ofStacked[s]!),
      };
    },
  );
  const results: Maybe[] = new Array(carried.length + stacked.length).fill(undefined);
  places.forEach((j, p) => {
    results[j] = forward.carried.tangents[p];
  });
  stackedPlaces.forEach((s, p) => {
    results[carried.length + s] = forward.stacked[p];
  });
  return results;
}
