import type { ClaimVerdict } from "@gradus/papers";
import type { OfficialClaim } from "#lib/views.ts";

const NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split(" ");
const inWords = (count: number) => NUMBERS[count] ?? String(count);
const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** What is said of the claims that did not hold in all seeds: singular, plural. */
const REST: readonly (readonly [ClaimVerdict["verdict"], string, string])[] = [
  ["mixed", "is mixed", "are mixed"],
  ["did not hold", "did not hold", "did not hold"],
  ["inconclusive", "is inconclusive", "are inconclusive"],
  ["not run", "has not been measured", "have not been measured"],
];

function heldClause(held: number, total: number): string {
  if (held < total)
    return held === 0
      ? `None of the ${inWords(total)} claims held`
      : `${capitalized(inWords(held))} of ${inWords(total)} claims held`;
  return total === 2 ? "Both claims held" : `All ${inWords(total)} claims held`;
}

/**
 * The official verdicts on the claims of a paper as a sentence, such as "Three of four claims held in every seed; one is
 * mixed."; undefined where nothing was measured.
 */
export function claimsSentence(official: readonly OfficialClaim[]): string | undefined {
  const known = official.map(({ quick, full }) => quick ?? full);
  if (!known.some((one) => one !== undefined && one.verdict !== "not run")) return undefined;
  const held = known.filter((one) => one?.verdict === "held");
  const everySeed =
    held.length > 0 &&
    held.every((one) => one !== undefined && one.runs.of > 1 && one.runs.held === one.runs.of);
  const rest = REST.flatMap(([verdict, singular, plural]) => {
    const count = known.filter((one) => (one?.verdict ?? "not run") === verdict).length;
    return count === 0 ? [] : [{ count, words: count === 1 ? singular : plural }];
  });
  const inEvery = everySeed ? " in every seed" : "";
  if (known.length === 1) return `The claim ${held.length === 1 ? `held${inEvery}` : rest[0].words}.`;
  const told = held.length === 0 && rest.length === 1 && rest[0].words === "did not hold" ? [] : rest;
  return `${[
    heldClause(held.length, known.length) + inEvery,
    told.map(({ count, words }) => `${inWords(count)} ${words}`).join(", "),
  ]
    .filter((part) => part !== "")
    .join("; ")}.`;
}
