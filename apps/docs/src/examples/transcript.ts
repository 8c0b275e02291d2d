/** A line that stands for any lines, and a word that stands for the rest of a line. */
const ELLIPSIS = "…";

const NUMBER = /[−-]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?/g;

const numbersIn = (line: string) =>
  [...line.matchAll(NUMBER)].map(([text]) => Number(text.replace("−", "-").replaceAll(",", "")));
const wordsIn = (line: string) => line.replace(NUMBER, "#").replaceAll(/\s+/g, " ").trim();

/** Whether two lines say the same, their numbers alike to a tenth: processors round differently. */
function sameLine(wanted: string, printed: string): boolean {
  const cut = wanted.indexOf(ELLIPSIS);
  const [words, numbers] = [wordsIn(cut < 0 ? wanted : wanted.slice(0, cut)), numbersIn(wanted)];
  const own = numbersIn(printed);
  const said = wordsIn(printed);
  if (cut < 0 ? words !== said || numbers.length !== own.length : !said.startsWith(words)) return false;
  return numbers.every((value, i) => Math.abs(value - own[i]) <= 0.1 * Math.abs(value));
}

/**
 * The first line that a document shows and a program did not print, in order; undefined when all are there. A line `…`
 * stands for any lines.
 */
export function missingLine(wanted: string, printed: string): string | undefined {
  const lines = printed.split("\n");
  let at = 0;
  let skips = false;
  for (const line of wanted.trimEnd().split("\n")) {
    if (line.trim() === ELLIPSIS) {
      skips = true;
      continue;
    }
    const found = lines.findIndex((own, i) => i >= at && sameLine(line, own));
    if (found < 0 || (!skips && found > at)) return line;
    at = found + 1;
    skips = false;
  }
  return undefined;
}
