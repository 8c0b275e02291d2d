// Papers that look like papers: for measuring, never for reading.
import { type RandomStream, randomStream } from "gradus/random";
import { coined, METHODS, phrase, SUBJECTS, word, zipf } from "./words.ts";

/** A paper that nobody wrote. */
export interface SyntheticPaper {
  readonly arxivId: string;
  readonly title: string;
  readonly abstract: string;
  readonly authors: readonly string[];
  readonly publishedAt: Date;
  readonly featuredAt: Date;
  readonly votes: readonly Date[];
}

const FORMULAS = [
  "$\\mathcal{O}(1/k^2)$",
  "$\\epsilon$",
  "$\\|\\nabla f(x_k)\\| \\le \\epsilon$",
  "$L_2$",
  "$n \\to \\infty$",
  "$\\lambda_{\\max} \\approx 2/\\eta$",
];
const FIRST_DAY = Date.UTC(2023, 11, 27);
const DAY = 86_400_000;
/** Days over which the papers are spread. */
const DAYS = 728;

const capital = (text: string) => text[0].toUpperCase() + text.slice(1);
const pick = <T>(random: RandomStream, from: readonly T[], shift = 1): T =>
  from[zipf(random.uniform(), from.length, shift)];

/** "Given Family"; the commonest family has one author of a hundred. */
export function authorName(random: RandomStream): string {
  const given = capital(coined(50_000 + zipf(random.uniform(), 800, 20)));
  return `${given} ${capital(coined(40_000 + zipf(random.uniform(), 6000, 15)))}`;
}

/** A title of the field of a method. */
function title(random: RandomStream, method: number): string {
  const name = capital(coined(30_000 + random.integer(30_000)));
  const about = capital(METHODS[method]);
  switch (random.integer(4)) {
    case 0:
      return `${name}: ${about} for ${capital(pick(random, SUBJECTS, 3))}`;
    case 1:
      return capital(phrase(random, method, 5 + random.integer(5)));
    case 2:
      return `${about} with ${capital(word(random, method))} ${capital(word(random, method))}`;
    default:
      return `${capital(word(random, method))} ${word(random, method)} and ${METHODS[method]} of ${word(random, method)} ${word(random, method)}`;
  }
}

function sentence(random: RandomStream, method: number): string {
  const middle = phrase(random, method, 10 + random.integer(12));
  switch (random.integer(12)) {
    case 0:
      return `${capital(middle)} by ${METHODS[method]}.`;
    case 1:
      return `Unlike ${pick(random, METHODS, 3)}, ${middle}.`;
    case 2:
      return `For ${pick(random, SUBJECTS, 3)}, ${middle}.`;
    case 3:
      return `${capital(middle)} is ${FORMULAS[random.integer(FORMULAS.length)]}.`;
    default:
      return `${capital(middle)}.`;
  }
}

/** The papers of a seed, one after another. */
export function* syntheticPapers(count: number, seed: number): Generator<SyntheticPaper> {
  const random = randomStream(seed);
  for (let i = 0; i < count; i++) {
    const featured = FIRST_DAY + Math.floor((i / count) * DAYS) * DAY + random.integer(DAY);
    const published = new Date(featured - random.integer(400) * DAY);
    const month = `${String(published.getUTCFullYear() % 100)}${String(published.getUTCMonth() + 1).padStart(2, "0")}`;
    const method = zipf(random.uniform(), METHODS.length, 8);
    yield {
      arxivId: `${month}.${String(10_000 + (i % 90_000)).padStart(5, "0")}`,
      title: title(random, method),
      abstract: Array.from({ length: 6 + random.integer(5) }, () => sentence(random, method)).join(" "),
      authors: Array.from({ length: 1 + random.integer(6) }, () => authorName(random)),
      publishedAt: published,
      featuredAt: new Date(featured),
      votes: Array.from(
        { length: Math.floor(8 * random.uniform() ** 6 * 8) },
        () => new Date(featured + random.integer(4 * DAY)),
      ),
    };
  }
}
