import type { Verdict } from "@gradus/papers";

/** What is known of a claim. */
export type ClaimState = Verdict | "running" | "differs by platform";

/** The class that draws a claim's mark and words. */
export function stateClass(state: ClaimState): "held" | "failed" | "differs" | "running" | "open" {
  if (state === "held" || state === "running") return state;
  if (state === "differs by platform") return "differs";
  return state === "did not hold" ? "failed" : "open";
}

/** A row of claims in words: `5 claims, not run yet`, `4 of 5 held`, `3 of 5 held, 1 did not hold, 1 not run`. */
export function verdictSummary(states: readonly ClaimState[]): string {
  const total = states.length;
  const count = (wanted: ClaimState) => states.filter((state) => state === wanted).length;
  const open = count("not run");
  const running = count("running");
  const differs = count("differs by platform");
  if (open === total) return `${total} ${total === 1 ? "claim" : "claims"}, not run yet`;
  const failed = count("did not hold");
  const rest = [
    failed && open + running + differs && `${failed} did not hold`,
    differs && `${differs} ${differs === 1 ? "differs" : "differ"} by platform`,
    running && `${running} running`,
    open && `${open} not run`,
  ].filter(Boolean);
  return [`${count("held")} of ${total} held`, ...rest].join(", ");
}
