import type { LinearOperator } from "gradus/linalg";
import type { Slot } from "./source.ts";

/** Arrays of the parameters that belong together: a layer, a module. */
export interface Group {
  readonly path: string;
  readonly slots: readonly Slot[];
}

/** Arrays by the path above them, in the order of the parameters; one that stands alone is its own group. */
export function groupsOf(slots: readonly Slot[]): Group[] {
  const groups = new Map<string, Slot[]>();
  for (const slot of slots) {
    const cut = slot.path.lastIndexOf(".");
    const path = cut < 0 ? slot.path || "parameters" : slot.path.slice(0, cut);
    groups.set(path, [...(groups.get(path) ?? []), slot]);
  }
  return [...groups].map(([path, members]) => ({ path, slots: members }));
}

/** The diagonal block of a symmetric operator over the numbers of some slots: the others are 0 in, and dropped out. */
export function blockOf(A: LinearOperator, slots: readonly Slot[]): LinearOperator {
  const dimension = slots.reduce((sum, { length }) => sum + length, 0);
  const [whole, product] = [new Float64Array(A.rows), new Float64Array(A.rows)];
  return {
    rows: dimension,
    columns: dimension,
    symmetric: true,
    async apply(x, out) {
      let from = 0;
      for (const { start, length } of slots) {
        whole.set(x.subarray(from, from + length), start);
        from += length;
      }
      await A.apply(whole, product);
      from = 0;
      for (const { start, length } of slots) {
        out.set(product.subarray(start, start + length), from);
        from += length;
      }
    },
  };
}
