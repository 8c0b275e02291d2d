import { expect } from "vitest";

/** What the program of this paper must print. */
export default function check(text: string): void {
  // The mean of sin 4t over [0, x] is (1 - cos 4x) / (4x).
  const learned = /\[([\d., ]+)\]/.exec(text)?.[1].split(",").map(Number) ?? [];
  for (const [i, x] of [0.5, 1].entries())
    expect(Math.abs(learned[i] - (1 - Math.cos(4 * x)) / (4 * x))).toBeLessThan(0.1);
}
