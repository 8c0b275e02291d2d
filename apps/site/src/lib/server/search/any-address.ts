// Queries that nobody means, for tests and measurements.
const PARAMETERS = ["q", "from", "to", "sort", "topic", "p", "runnable", "min_votes"];
const SYNTAX = [
  '"',
  "-",
  " or ",
  "'",
  "\\",
  "(",
  ")",
  ":*",
  "<->",
  "&",
  "|",
  "!",
  "%",
  "_",
  "\0",
  ";--",
  "/",
];
const WORDS = ["hessian", "Hölder", "gradient", "1806.07572", "the", "arXiv:", "SGD", "数", "🙂", "e\u0301"];

/** Marsaglia's xorshift, to have the same queries everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Queries as they come in an address: bytes of all kinds, and pieces that mean something to the search. */
export function* anyAddresses(count: number): Generator<string> {
  const next = random(20_251_225);
  const below = (n: number) => Math.floor(next() * n);
  const byte = () => `%${below(256).toString(16).padStart(2, "0")}`;
  const piece = () => {
    const kind = next();
    if (kind < 0.5) return byte();
    return encodeURIComponent(kind < 0.75 ? SYNTAX[below(SYNTAX.length)] : WORDS[below(WORDS.length)]);
  };
  for (let i = 0; i < count; i++) {
    const text = Array.from({ length: below(40) }, i % 2 === 0 ? byte : piece).join("");
    const other = i % 10 === 0 ? `&${PARAMETERS[below(PARAMETERS.length)]}=${byte()}${byte()}` : "";
    yield `q=${text}${other}`;
  }
}
