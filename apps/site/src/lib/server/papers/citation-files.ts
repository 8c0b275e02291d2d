import { readableLine } from "./abstract/readable-line.ts";
import { type Citable, splitName } from "./bibtex.ts";

/** A file that reference managers read. */
export interface CitationFile {
  readonly label: "BibTeX" | "RIS" | "CSL-JSON";
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
}

const DOI = (arxivId: string) => `10.48550/arXiv.${arxivId}`;
const address = (arxivId: string) => `https://arxiv.org/abs/${arxivId}`;

/** The paper in the RIS format, as an unpublished work, which is how reference managers file preprints. */
export function ris(paper: Citable, key: string): string {
  const date = paper.publishedAt.toISOString().slice(0, 10).replaceAll("-", "/");
  const lines: readonly (readonly [string, string])[] = [
    ["TY", "UNPB"],
    ["ID", key],
    ["TI", paper.title],
    ...paper.authors.map((name) => {
      const { family, given } = splitName(name);
      return ["AU", given ? `${family}, ${given}` : family] as const;
    }),
    ["PY", date.slice(0, 4)],
    ["DA", date],
    ["PB", "arXiv"],
    ["AN", `arXiv:${paper.arxivId}`],
    ...(paper.journalRef ? [["N1", `Published in ${readableLine(paper.journalRef)}`] as const] : []),
    ["DO", DOI(paper.arxivId)],
    ["UR", address(paper.arxivId)],
    ["ER", ""],
  ];
  // Line breaks would begin another field.
  return lines.map(([tag, value]) => `${tag}  - ${value.replace(/\s+/g, " ")}\r\n`).join("");
}

/** The paper as CSL-JSON, the input format of citation processors. */
export function cslJson(paper: Citable, key: string): string {
  const item = {
    id: key,
    type: "article",
    title: paper.title,
    author: paper.authors.map((name) => {
      const { family, given } = splitName(name);
      return given ? { family, given } : { literal: family };
    }),
    issued: {
      "date-parts": [
        [
          paper.publishedAt.getUTCFullYear(),
          paper.publishedAt.getUTCMonth() + 1,
          paper.publishedAt.getUTCDate(),
        ],
      ],
    },
    publisher: "arXiv",
    number: `arXiv:${paper.arxivId}`,
    DOI: DOI(paper.arxivId),
    URL: address(paper.arxivId),
    ...(paper.journalRef && { note: `Published in ${readableLine(paper.journalRef)}` }),
  };
  return `${JSON.stringify([item], undefined, 2)}\n`;
}

/** A paper as files for reference managers, named after its citation key. */
export function citationFiles(paper: Citable, key: string, bibtex: string): CitationFile[] {
  return [
    { label: "BibTeX", name: `${key}.bib`, mediaType: "application/x-bibtex", text: bibtex },
    {
      label: "RIS",
      name: `${key}.ris`,
      mediaType: "application/x-research-info-systems",
      text: ris(paper, key),
    },
    {
      label: "CSL-JSON",
      name: `${key}.json`,
      mediaType: "application/vnd.citationstyles.csl+json",
      text: cslJson(paper, key),
    },
  ];
}
