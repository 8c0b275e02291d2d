import type { Verdict } from "@gradus/papers";

/** What is known of a claim, here and now. */
export type ClaimState = Verdict | "running";

/** The class that draws a claim's mark and words. */
export function stateClass(state: ClaimState): "held" | "failed" | "running" | "open" {
  if (state === "held" || state === "running") return state;
  return state === "did not hold" ? "failed" : "open";
}

/** A row of claims in words: `5 claims, not run here yet`, `4 of 5 held`, `3 of 5 held, 1 did not hold, 1 not run`. */
export function verdictSummary(states: readonly ClaimState[]): string {
  const total = states.length;
  const count = (wanted: ClaimState) => states.filter((state) => state === wanted).length;
  const open = count("not run");
  const running = count("running");
  if (open === total) return `${total} ${total === 1 ? "claim" : "claims"}, not run here yet`;
  const failed = total - open - running - count("held");
  const rest = [
    failed && open + running && `${failed} did not hold`,
    running && `${running} running`,
    open && `${open} not run`,
  ].filter(Boolean);
  return [`${count("held")} of ${total} held`, ...rest].join(", ");
}
