// Queries that nobody means, for tests and measurements.
import { randomStream } from "gradus/random";

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

/** Queries as they come in an address: bytes of all kinds, and pieces that mean something to the search. */
export function* randomQueries(count: number): Generator<string> {
  const random = randomStream(20_251_225);
  const byte = () => `%${random.integer(256).toString(16).padStart(2, "0")}`;
  const piece = () => {
    const kind = random.uniform();
    if (kind < 0.5) return byte();
    return encodeURIComponent(
      kind < 0.75 ? SYNTAX[random.integer(SYNTAX.length)] : WORDS[random.integer(WORDS.length)],
    );
  };
  for (let i = 0; i < count; i++) {
    const text = Array.from({ length: random.integer(40) }, i % 2 === 0 ? byte : piece).join("");
    const other = i % 10 === 0 ? `&${PARAMETERS[random.integer(PARAMETERS.length)]}=${byte()}${byte()}` : "";
    yield `q=${text}${other}`;
  }
}
