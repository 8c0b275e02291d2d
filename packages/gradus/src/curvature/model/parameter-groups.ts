import type { LinearOperator } from "../../linalg/operator/contract.ts";
import type { ParameterSlot } from "../../tree/parameter-layout.ts";

/** Where an array of the parameters lies in the vector. */
export type ArrayPlace = Pick<ParameterSlot, "path" | "start" | "length">;

/** Arrays of the parameters that belong together: a layer, a module. */
export interface ParameterGroup {
  readonly path: string;
  readonly slots: readonly ArrayPlace[];
}

/** Groups arrays by their parent path, in the order of the parameters; a top-level array is its own group. */
export function parameterGroups(slots: readonly ArrayPlace[]): ParameterGroup[] {
  const groups = new Map<string, ArrayPlace[]>();
  for (const slot of slots) {
    const cut = slot.path.lastIndexOf(".");
    const path = cut < 0 ? slot.path || "parameters" : slot.path.slice(0, cut);
    groups.set(path, [...(groups.get(path) ?? []), slot]);
  }
  return [...groups].map(([path, members]) => ({ path, slots: members }));
}

/** The number of parameters in a group. */
export const groupSize = ({ slots }: ParameterGroup): number =>
  slots.reduce((sum, { length }) => sum + length, 0);

/**
 * The diagonal block of a symmetric operator for a group: other entries are 0 in the input and dropped from the output.
 */
export function groupBlock(A: LinearOperator, group: ParameterGroup): LinearOperator {
  const dimension = groupSize(group);
  const [whole, product] = [new Float64Array(A.rows), new Float64Array(A.rows)];
  return {
    rows: dimension,
    columns: dimension,
    symmetric: true,
    async apply(x, out) {
      let from = 0;
      for (const { start, length } of group.slots) {
        whole.set(x.subarray(from, from + length), start);
        from += length;
      }
      await A.apply(whole, product);
      from = 0;
      for (const { start, length } of group.slots) {
        out.set(product.subarray(start, start + length), from);
        from += length;
      }
    },
  };
}
