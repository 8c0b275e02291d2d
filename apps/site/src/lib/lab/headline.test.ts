import type { ClaimVerdict } from "@gradus/papers";
import { expect, test } from "vitest";
import { claimsSentence } from "./headline.ts";

const claim = (verdict: ClaimVerdict["verdict"], held = 20, of = 20) => ({
  claim: "C",
  quick: { claim: "C", verdict, runs: { held, of }, byCriterion: false, checks: [] },
});
const held = claim("held");
const mixed = claim("mixed", 14);

test.each([
  [[held, held, held, mixed], "Three of four claims held in every seed; one is mixed."],
  [[held, claim("held", 19), mixed], "Two of three claims held; one is mixed."],
  [[claim("held", 1, 1), claim("held", 1, 1)], "Both claims held."],
  [[held, held, held], "All three claims held in every seed."],
  [[held], "The claim held in every seed."],
  [[mixed], "The claim is mixed."],
  [
    [held, mixed, mixed, claim("did not hold", 0), claim("inconclusive", 0), { claim: "C" }, { claim: "C" }],
    "One of seven claims held in every seed; two are mixed, one did not hold, one is inconclusive, two have not been measured.",
  ],
  [[claim("did not hold", 0), claim("did not hold", 1)], "None of the two claims held."],
])("verdicts as a sentence", (official, sentence) => {
  expect(claimsSentence(official)).toBe(sentence);
});

test("the full size is told where it alone was measured; of nothing nothing is said", () => {
  expect(claimsSentence([{ claim: "C", full: held.quick }, held])).toBe("Both claims held in every seed.");
  expect(claimsSentence([{ claim: "C" }, claim("not run", 0, 0)])).toBeUndefined();
  expect(claimsSentence([])).toBeUndefined();
});
