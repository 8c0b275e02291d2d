import type { Axis } from "@gradus/papers";

/** An axis label, followed by "log scale" for a logarithmic axis. */
export function axisLabel({ label, scale }: Axis): string {
  return scale === "log" && !/\blog\b/i.test(label) ? `${label}, log scale` : label;
}
