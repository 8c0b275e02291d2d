import type { Axis } from "@gradus/papers";

/** An axis's label, with the word that says how to read its distances. */
export function axisLabel({ label, scale }: Axis): string {
  return scale === "log" && !/\blog\b/i.test(label) ? `${label}, log scale` : label;
}
