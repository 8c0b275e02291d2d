import { readableLine } from "./abstract/readable-line.ts";

/** What a citation needs of a paper. */
export interface Citable {
  readonly arxivId: string;
  readonly title: string;
  readonly authors: readonly string[];
  readonly publishedAt: Date;
  readonly primaryCategory: string | null;
  /** Where it was published, as arXiv has it. */
  readonly journalRef?: string | null;
}

/** Words that belong to the family name that follows them. */
const PARTICLES = new Set(
  "af al bin da de del della den der des di dos du el ibn la le ten ter van von zu zur".split(" "),
);
const SUFFIXES = new Set(["jr", "jr.", "sr", "sr.", "ii", "iii", "iv"]);
const STOP_WORDS = new Set(
  (
    "about after again against also among because been before being between both could does doing down during each " +
    "from further have having here into itself just more most only other over same should some such than that their " +
    "them then there these they this those through under until very were what when where which while whom will with " +
    "would your"
  ).split(" "),
);
const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
};

/** Letters without their accents, in ASCII. */
function fold(text: string): string {
  return text
    .replace(/ß/g, "ss")
    .replace(/[øØ]/g, "o")
    .replace(/[łŁ]/g, "l")
    .replace(/[æÆ]/g, "ae")
    .replace(/[œŒ]/g, "oe")
    .replace(/ı/g, "i")
    .normalize("NFD")
    .replace(/[^ -~]/g, "");
}

/** A collaboration, which has no given name; BibTeX parts names at "and". */
const GROUP = /\b(?:collaborations?|consortium|group|project|team)$|\sand\s/i;

/** Splits a name in natural order into family name (with its particles) and given names; a group's is not split. */
export function splitName(name: string): { readonly family: string; readonly given: string } {
  if (GROUP.test(name.trim())) return { family: name.trim().replace(/\s+/g, " "), given: "" };
  const words = name.trim().split(/\s+/);
  let first = words.length - 1;
  if (first > 1 && SUFFIXES.has(words[first].toLowerCase())) first -= 1;
  while (first > 1 && PARTICLES.has(words[first - 1].toLowerCase())) first -= 1;
  return { family: words.slice(first).join(" "), given: words.slice(0, first).join(" ") };
}

/** Text for a BibTeX field: special characters escaped, formulas between dollar signs kept. */
export function escapeBibtex(text: string): string {
  return text
    .split(/(\$[^$]+\$)/)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part.replace(/[{}%&#_$~^\\]/g, (c) => (Object.hasOwn(SPECIAL, c) ? SPECIAL[c] : `\\${c}`)),
    )
    .join("");
}

/** The first telling word of a title, in lower-case ASCII; empty when there is none. */
export function keyWord(title: string): string {
  const words = fold(title)
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.find((w) => w.length >= 4 && !STOP_WORDS.has(w)) ?? "";
}

/** `semenov2025gradient`: first author's family name, year, first telling word of the title. */
export function citationKey(paper: Citable): string {
  const letters = (text: string) =>
    fold(text)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, "");
  return `${letters(splitName(paper.authors[0] ?? "").family)}${paper.publishedAt.getUTCFullYear()}${keyWord(paper.title)}`;
}

/** The paper as a BibTeX entry, under its own key where another paper has the usual one. */
export function bibtex(paper: Citable, key: string = citationKey(paper)): string {
  const authors = paper.authors.map((name) => {
    const { family, given } = splitName(name);
    // Braces keep a name whole.
    return given ? escapeBibtex(`${family}, ${given}`) : `{${escapeBibtex(family)}}`;
  });
  const fields: readonly (readonly [string, string])[] = [
    ["title", `{${escapeBibtex(paper.title)}}`],
    ["author", authors.join(" and ")],
    ["year", String(paper.publishedAt.getUTCFullYear())],
    ...(paper.journalRef ? [["journal", escapeBibtex(readableLine(paper.journalRef))] as const] : []),
    ["eprint", paper.arxivId],
    ["archivePrefix", "arXiv"],
    ...(paper.primaryCategory ? [["primaryClass", paper.primaryCategory] as const] : []),
    ["doi", `10.48550/arXiv.${paper.arxivId}`],
    ["url", `https://arxiv.org/abs/${paper.arxivId}`],
  ];
  const width = Math.max(...fields.map(([name]) => name.length));
  const lines = fields.map(([name, value]) => `  ${name.padEnd(width)} = {${value}}`);
  return `@misc{${key},\n${lines.join(",\n")}\n}\n`;
}
