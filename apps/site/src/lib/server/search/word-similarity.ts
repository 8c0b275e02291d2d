const ASCII = /^[\0-\x7f]*$/;
/** All but the letters and digits of which words consist. */
const NO_WORD = /[^\p{L}\p{N}]+/gu;

const SPACE = 32;
/** Bits of a letter in a trigram: the three of them are a small integer. */
const BITS = 10;
const LETTERS = 1 << BITS;

/** Numbers below `LETTERS` for letters: ASCII's own, and for others as they come. */
function letterNumbers(): (code: number) => number {
  const others = new Map<number, number>();
  return (code) => {
    if (code < 128) return code;
    let number = others.get(code);
    if (number === undefined) {
      // After this many letters some share a number.
      number = 128 + (others.size % (LETTERS - 128));
      others.set(code, number);
    }
    return number;
  };
}

/** A text with the letters of its words and a space for all else; titles of ASCII, which are most, are quick to read. */
function spaced(text: string): string {
  return ASCII.test(text) ? text : text.replace(NO_WORD, " ");
}

/** Whether an ASCII code is that of a letter or a digit. */
function isWordCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90);
}

/** The trigrams of a text in their order: of each word, with two spaces before it and one after. */
function trigrams(text: string, letter: (code: number) => number): number[] {
  const found: number[] = [];
  const letters = spaced(text);
  let a = SPACE;
  let b = SPACE;
  for (let i = 0; i <= letters.length; i++) {
    const code = i < letters.length ? letters.charCodeAt(i) : SPACE;
    const inWord = code >= 128 || isWordCode(code);
    // Between words.
    if (!inWord && b === SPACE) continue;
    const c = inWord ? letter(code) : SPACE;
    found.push((((a << BITS) | b) << BITS) | c);
    a = inWord ? b : SPACE;
    b = c;
  }
  return found;
}

/**
 * Compares a query with texts, both in lower case and without accents, as pg_trgm's `word_similarity(query, text)`:
 * the greatest `|Q n E| / |Q u E|` of the set Q of the query's trigrams and the set E of those of any stretch of the
 * text. From 0 to 1; 0 for a text or a query without words, and for one that is certain to be below `least`.
 *
 * Source: PostgreSQL 17, appendix F.35, `word_similarity`.
 */
export function wordSimilarity(query: string, least = 0): (text: string) => number {
  const letter = letterNumbers();
  // Numbers for trigrams, the query's first.
  const numbers = new Map<number, number>();
  for (const trigram of trigrams(query, letter))
    if (!numbers.has(trigram)) numbers.set(trigram, numbers.size);
  const wanted = numbers.size;
  // For which text a number was seen last.
  const seen = new Int32Array(wanted);
  let turn = 0;
  return (text) => {
    const found = trigrams(text, letter);
    turn += 1;
    let common = 0;
    let first = -1;
    let last = -1;
    const sequence = found.map((trigram, i) => {
      const number = numbers.get(trigram);
      if (number === undefined) return -1;
      if (first < 0) first = i;
      last = i;
      if (seen[number] !== turn) common += 1;
      seen[number] = turn;
      return number;
    });
    // Most titles have no more than a few of a query's trigrams.
    if (common === 0 || common < least * wanted) return 0;
    // A stretch that begins or ends with something else gains by leaving it out.
    const own = new Map<number, number>();
    for (let i = first; i < last; i++) {
      if (sequence[i] >= 0) continue;
      const known = own.get(found[i]);
      sequence[i] = known ?? wanted + own.size;
      if (known === undefined) own.set(found[i], sequence[i]);
    }
    return greatest(sequence.slice(first, last + 1), { wanted, common, all: wanted + own.size });
  };
}

/** Numbers below `wanted`, `common` of them in the sequence, and others up to `all`. */
interface Numbers {
  readonly wanted: number;
  readonly common: number;
  readonly all: number;
}

/** The greatest similarity of a stretch of a sequence of numbers to the set of those below `wanted`. */
function greatest(sequence: readonly number[], { wanted, common: inAll, all }: Numbers): number {
  let most = 0;
  // In which stretch a number was seen last.
  const seen = new Int32Array(all).fill(-1);
  for (let from = 0; from < sequence.length; from++) {
    if (sequence[from] >= wanted) continue;
    let common = 0;
    let others = 0;
    for (let to = from; to < sequence.length; to++) {
      const number = sequence[to];
      if (seen[number] === from) continue;
      seen[number] = from;
      if (number < wanted) most = Math.max(most, ++common / (wanted + others));
      // A longer stretch has no more in common than the whole text.
      else if (inAll / (wanted + ++others) <= most) break;
    }
  }
  return most;
}
