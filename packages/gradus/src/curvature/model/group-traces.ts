import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import type { LinearOperator } from "../../linalg/operator/contract.ts";
import { checkSquare } from "../../linalg/square.ts";
import { randomStream } from "../../random/stream.ts";
import { fillSigns } from "../spectrum/hutchinson-trace.ts";
import { type Estimate, estimateOf } from "../spectrum/spectral-density.ts";
import type { ParameterGroup } from "./parameter-groups.ts";

/** The state of the estimate, plain data: the result of each probe for each group. */
export interface GroupTracesState {
  readonly draws: readonly (readonly number[])[];
}

/** The trace of a group's diagonal block, and its share of the trace over all groups. */
export interface GroupTrace {
  readonly path: string;
  readonly trace: Estimate;
  readonly share: Estimate;
}

/** What an iterate reports: estimates over the probes so far, NaN before the first. */
export interface GroupTracesView {
  /** The trace over all groups. */
  readonly trace: Estimate;
  readonly groups: readonly GroupTrace[];
  readonly products: number;
}

export interface GroupTracesOptions extends MethodOptions<GroupTracesState> {
  /** Number of probes after which the method ends. */
  readonly probes?: number;
  readonly seed?: number;
}

/** A ratio of means with the standard error of its linearization (Cochran 1977, section 6.3). */
function ratioOf(parts: readonly number[], wholes: readonly number[]): Estimate {
  const mean = estimateOf(wholes).value;
  const share = estimateOf(parts).value / mean;
  const { standardError } = estimateOf(parts.map((part, p) => (part - share * wholes[p]) / mean));
  return { value: share, standardError };
}

/**
 * The traces of a matrix's diagonal blocks over groups of parameters, one iterate per probe: with a vector z of
 * independent random signs,
 *
 *     tr A_gg = E z_g^T (A z)_g,
 *
 * so one product serves all groups, and the groups' shares sum to 1.
 *
 * @param A symmetric
 * @param groups disjoint groups, such as the layers of a model from `parameterGroups`
 * @throws ArgumentError unless A is square, there are groups and each lies within A, and probes is a positive integer
 * @throws ConvergenceError naming the probe whose product is not finite
 */
export function groupTraces(
  A: LinearOperator,
  groups: readonly ParameterGroup[],
  options: GroupTracesOptions = {},
): Method<Iterate<GroupTracesState> & GroupTracesView> {
  const n = checkSquare(A);
  checkOptions("groupTraces", options, ["probes", "seed", "resume", "signal"]);
  const { probes = 32, seed = 0, resume, signal } = options;
  checkPositiveInteger({ probes });
  if (groups.length === 0) throw new ArgumentError("groups must have at least one group, got none");
  for (const { path, slots } of groups)
    for (const { start, length } of slots)
      if (!(start >= 0 && start + length <= n))
        throw new ArgumentError(
          `groups must lie within the ${n} rows of A, got ${path} to ${start + length}`,
        );
  const stream = randomStream(seed).split("groups");
  const z = new Float64Array(n);
  const product = new Float64Array(n);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return iterates<GroupTracesState, GroupTracesView>(
    {
      fields: ["draws"],
      start: () => ({ draws: [] }),
      async step({ draws }, probe) {
        fillSigns(stream.split(probe), z);
        await A.apply(z, product);
        const draw = groups.map(({ slots }) => {
          let inner = 0;
          for (const { start, length } of slots)
            for (let i = start; i < start + length; i++) inner += z[i] * product[i];
          return inner;
        });
        if (!Number.isFinite(sum(draw)))
          throw new ConvergenceError(
            `z^T A z is ${sum(draw)} at probe ${probe}: the product of A is not finite`,
          );
        return { draws: [...draws, draw] };
      },
      view({ draws }, count) {
        const wholes = draws.map(sum);
        return {
          trace: estimateOf(wholes),
          groups: groups.map(({ path }, g) => {
            const parts = draws.map((draw) => draw[g]);
            return { path, trace: estimateOf(parts), share: ratioOf(parts, wholes) };
          }),
          products: count,
          done: count >= probes,
        };
      },
    },
    { resume, signal },
  );
}
