import type { LinearOperator } from "../../linalg/operator/contract.ts";
import type { ParameterSlot } from "../../tree/parameter-layout.ts";

/** Where an array of the parameters lies in the vector. */
export type ArrayPlace = Pick<ParameterSlot, "path" | "start" | "length">;

/** Arrays of the parameters that belong together: a layer, a module. */
export interface ParameterGroup {
  readonly path: string;
  readonly slots: readonly ArrayPlace[];
}

/** Arrays by the path above them, in the order of the parameters; one that stands alone is its own group. */
export function parameterGroups(slots: readonly ArrayPlace[]): ParameterGroup[] {
  const groups = new Map<string, ArrayPlace[]>();
  for (const slot of slots) {
    const cut = slot.path.lastIndexOf(".");
    const path = cut < 0 ? slot.path || "parameters" : slot.path.slice(0, cut);
    groups.set(path, [...(groups.get(path) ?? []), slot]);
  }
  return [...groups].map(([path, members]) => ({ path, slots: members }));
}

/** How many numbers a group has. */
export const groupSize = ({ slots }: ParameterGroup): number =>
  slots.reduce((sum, { length }) => sum + length, 0);

/** The diagonal block of a symmetric operator over the numbers of a group: the others are 0 in, and dropped out. */
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
