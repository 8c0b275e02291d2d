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

/** Numbers in a memory that is used again, of which the first `length` count. */
interface Numbers {
  values: Int32Array;
  length: number;
}

const noNumbers = (): Numbers => ({ values: new Int32Array(256), length: 0 });

/** Has the first `length` numbers count; those that were there are lost where more memory is needed. */
function resize(numbers: Numbers, length: number): Int32Array {
  if (numbers.values.length < length) numbers.values = new Int32Array(2 * length);
  numbers.length = length;
  return numbers.values;
}

/** The trigrams of a text in their order, into `found`: of each word, with two spaces before it and one after. */
function readTrigrams(text: string, letter: (code: number) => number, found: Numbers): void {
  const letters = spaced(text);
  // A word of n letters has n + 1, and stands apart from the next.
  const values = resize(found, 2 * letters.length + 2);
  let length = 0;
  let a = SPACE;
  let b = SPACE;
  for (let i = 0; i <= letters.length; i++) {
    const code = i < letters.length ? letters.charCodeAt(i) : SPACE;
    const inWord = code >= 128 || isWordCode(code);
    // Between words.
    if (!inWord && b === SPACE) continue;
    const c = inWord ? letter(code) : SPACE;
    values[length++] = (((a << BITS) | b) << BITS) | c;
    a = inWord ? b : SPACE;
    b = c;
  }
  found.length = length;
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
  const found = noNumbers();
  readTrigrams(query, letter, found);
  // Numbers for trigrams, the query's first.
  const numbers = new Map<number, number>();
  for (const trigram of found.values.subarray(0, found.length))
    if (!numbers.has(trigram)) numbers.set(trigram, numbers.size);
  const wanted = numbers.size;
  // For which text a number was seen last.
  const seen = new Int32Array(wanted);
  let turn = 0;
  // The text's trigrams by their numbers, and the numbers of those that the query has not.
  const sequence = noNumbers();
  const own = new Map<number, number>();
  const lastSeen = noNumbers();
  return (text) => {
    readTrigrams(text, letter, found);
    turn += 1;
    let common = 0;
    let first = -1;
    let last = -1;
    const trigrams = found.values;
    const values = resize(sequence, found.length);
    for (let i = 0; i < found.length; i++) {
      const number = numbers.get(trigrams[i]) ?? -1;
      values[i] = number;
      if (number < 0) continue;
      if (first < 0) first = i;
      last = i;
      if (seen[number] !== turn) common += 1;
      seen[number] = turn;
    }
    // Most titles have no more than a few of a query's trigrams.
    if (common === 0 || common < least * wanted) return 0;
    // A stretch that begins or ends with something else gains by leaving it out.
    own.clear();
    for (let i = first; i < last; i++) {
      if (values[i] >= 0) continue;
      const known = own.get(trigrams[i]);
      values[i] = known ?? wanted + own.size;
      if (known === undefined) own.set(trigrams[i], values[i]);
    }
    const all = wanted + own.size;
    const stretches = resize(lastSeen, all).fill(-1, 0, all);
    return greatest(values.subarray(first, last + 1), { wanted, common, seen: stretches });
  };
}

/** The query's trigrams: their numbers are below `wanted`, and `common` of them are in the sequence. */
interface Query {
  readonly wanted: number;
  readonly common: number;
  /** For every number in which stretch it was seen last, by where the stretch begins; -1 at first. */
  readonly seen: Int32Array;
}

/** The greatest similarity of a stretch of a sequence of numbers to the set of those below `wanted`. */
function greatest(sequence: Int32Array, { wanted, common: inAll, seen }: Query): number {
  let most = 0;
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
