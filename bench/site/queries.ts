// What readers of synthetic papers search for.
import type { RandomStream } from "gradus/random";
import { authorName, syntheticPapers } from "./papers.ts";
import { METHODS, SUBJECTS, word, zipf } from "./words.ts";

const pick = <T>(random: RandomStream, from: readonly T[], shift = 1): T =>
  from[zipf(random.uniform(), from.length, shift)];

/** Titles of which searches take words. */
const TITLES = [...syntheticPapers(400, 1)].map(({ title }) =>
  title.replace(/[^A-Za-z -]/g, "").split(/\s+/),
);

/** A word as hurried readers type it: two letters in the wrong order. */
function misspelled(random: RandomStream, text: string): string {
  if (text.length < 5) return text;
  const i = 1 + random.integer(text.length - 3);
  return text.slice(0, i) + text[i + 1] + text[i] + text.slice(i + 2);
}

/** Whether a query is of the kind with a number of 20. */
const kinds: readonly [share: number, make: (random: RandomStream) => string][] = [
  [5, (random) => pick(random, METHODS, 3)],
  [3, (random) => `${pick(random, METHODS, 3)} ${pick(random, SUBJECTS, 3)}`],
  [4, (random) => TITLES[random.integer(TITLES.length)].slice(0, 2 + random.integer(4)).join(" ")],
  [
    3,
    (random) =>
      `${word(random, random.integer(METHODS.length))} ${word(random, random.integer(METHODS.length))}`,
  ],
  [2, (random) => authorName(random)],
  [2, (random) => misspelled(random, pick(random, METHODS, 3))],
  [1, (random) => `"${pick(random, METHODS, 3)}" -${word(random, 0)}`],
];

/** A search: methods and subjects, pieces of titles, words, authors, typing errors, a phrase without a word. */
export function query(random: RandomStream): string {
  let rest = random.integer(20);
  for (const [share, make] of kinds) {
    if (rest < share) return make(random);
    rest -= share;
  }
  return pick(random, METHODS);
}
