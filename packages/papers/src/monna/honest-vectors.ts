import type { RandomStream } from "gradus/random";

export const shapes = ["normal", "Student t", "shifted"] as const;
export type Shape = (typeof shapes)[number];

/** A Student t number with two degrees of freedom: heavy tails, no variance. */
function studentT2(stream: RandomStream): number {
  // The chi-squared number with two degrees of freedom is twice an exponential one.
  return stream.normal() / Math.sqrt(stream.exponential());
}

/**
 * Honest models on which to test mixing: normal, heavy-tailed, or a tight cloud with `faulty` honest models far away.
 */
export function honestVectors(
  shape: Shape,
  { count, faulty, d, stream }: { count: number; faulty: number; d: number; stream: RandomStream },
): Float64Array[] {
  const draw = shape === "Student t" ? () => studentT2(stream) : () => stream.normal();
  const rows = Array.from({ length: count }, () => Float64Array.from({ length: d }, draw));
  if (shape !== "shifted") return rows;
  return rows.map((row, i) => row.map((x) => 0.1 * x + (i < faulty ? stream.uniform(1, 20) : 0)));
}
