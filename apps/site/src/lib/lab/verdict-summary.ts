import type { Verdict } from "@gradus/papers";

/** What is known of a claim, or that it is being measured. */
export type ClaimState = Verdict | "running";

/** The class that draws a claim's mark and words. */
export function stateClass(
  state: ClaimState,
): "held" | "mixed" | "failed" | "inconclusive" | "running" | "open" {
  if (state === "did not hold") return "failed";
  return state === "not run" ? "open" : state;
}

/** A row of claims in words: `5 claims, not run yet`, `4 of 5 claims held`, `3 of 5 claims held, 1 mixed, 1 did not hold`. */
export function verdictSummary(states: readonly ClaimState[]): string {
  const total = states.length;
  const count = (wanted: ClaimState) => states.filter((state) => state === wanted).length;
  const claims = `${total} ${total === 1 ? "claim" : "claims"}`;
  if (count("not run") === total) return `${claims}, not run yet`;
  const rest = (["mixed", "did not hold", "inconclusive", "running", "not run"] as const)
    .map((state) => [count(state), state] as const)
    .filter(([number]) => number > 0)
    .map(([number, state]) => `${number} ${state}`);
  // Where all others failed, the number that held says how many did.
  const told = rest.length === 1 && count("did not hold") > 0 ? [] : rest;
  return [`${count("held")} of ${claims} held`, ...told].join(", ");
}
