import { expect, test } from "vitest";
import { type ClaimState, stateClass, verdictSummary } from "./verdict-summary.ts";

test.each<[ClaimState[], string]>([
  [["not run", "not run"], "2 claims, not run yet"],
  [["not run"], "1 claim, not run yet"],
  [["held", "held", "held"], "3 of 3 claims held"],
  [["held", "did not hold", "held"], "2 of 3 claims held"],
  [["did not hold"], "0 of 1 claim held"],
  [["held", "mixed"], "1 of 2 claims held, 1 mixed"],
  [["held", "inconclusive"], "1 of 2 claims held, 1 inconclusive"],
  [["held", "not run", "not run"], "1 of 3 claims held, 2 not run"],
  [["held", "did not hold", "mixed"], "1 of 3 claims held, 1 mixed, 1 did not hold"],
  [["did not hold", "running"], "0 of 2 claims held, 1 did not hold, 1 running"],
  [["held", "running", "not run"], "1 of 3 claims held, 1 running, 1 not run"],
])("%j is %j", (states, words) => {
  expect(verdictSummary(states)).toBe(words);
});

test("every state has a mark of its own", () => {
  const states: ClaimState[] = ["held", "mixed", "did not hold", "inconclusive", "running", "not run"];
  expect(new Set(states.map(stateClass)).size).toBe(6);
});
