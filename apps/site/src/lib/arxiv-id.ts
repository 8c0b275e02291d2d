/** An arXiv identifier in canonical form, and the version asked for. */
export interface ArxivReference {
  /** `2412.08424`, or `math/0611800` for papers before April 2007. */
  readonly id: string;
  readonly version?: number;
}

/** The archives of arXiv, those that were closed included. */
export const ARCHIVES: ReadonlySet<string> = new Set(
  (
    "astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex nucl-th physics q-bio " +
    "q-fin quant-ph stat acc-phys adap-org alg-geom ao-sci atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas dg-ga " +
    "funct-an mtrl-th patt-sol plasm-ph q-alg solv-int supr-con"
  ).split(" "),
);

/** The first and the last month of the old scheme, July 1991 and March 2007, and the first of the new one. */
const [FIRST_OLD, LAST_OLD, FIRST_NEW] = [9107, 703, 704];

/** Whether `YYMM` has a month of the year. */
function validMonth(yymm: string): boolean {
  const month = Number(yymm.slice(2));
  return month >= 1 && month <= 12;
}

/**
 * Reads an arXiv identifier: `YYMM.number` (four digits up to 1412, five from 1501), or `archive[.SC]/YYMMNNN` of an
 * archive of arXiv and a month until March 2007, with the subject class dropped and the archive in lower case; an `arXiv:` prefix and a `vN` suffix are accepted.
 * Returns undefined for anything else.
 */
export function parseArxivId(text: string): ArxivReference | undefined {
  if (text.length > 64) return undefined;
  const match = /^(?:arxiv:)?([0-9a-z./-]+?)(?:v([1-9][0-9]{0,3}))?$/i.exec(text);
  if (!match) return undefined;
  const [, name, suffix] = match;
  const version = suffix === undefined ? undefined : Number(suffix);
  const modern = /^([0-9]{4})\.([0-9]{4,5})$/.exec(name);
  if (modern) {
    const [, yymm, number] = modern;
    const digits = Number(yymm) >= 1501 ? 5 : 4;
    if (!validMonth(yymm) || Number(yymm) < FIRST_NEW || number.length !== digits) return undefined;
    return { id: name, version };
  }
  const old = /^([a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2})?\/([0-9]{4})([0-9]{3})$/i.exec(name);
  if (!old || !validMonth(old[2])) return undefined;
  const archive = old[1].toLowerCase();
  const month = Number(old[2]);
  if (!ARCHIVES.has(archive) || (month > LAST_OLD && month < FIRST_OLD)) return undefined;
  return { id: `${archive}/${old[2]}${old[3]}`, version };
}

/** Hosts of arXiv's pages. */
const ARXIV_HOSTS = ["arxiv.org", "www.arxiv.org", "export.arxiv.org"];

/** The path below one of `folders`, in any case, without a file ending. */
function below(path: string, folders: readonly string[]): string | undefined {
  const folder = folders.find((name) => path.toLowerCase().startsWith(`/${name}/`));
  return (
    folder &&
    path
      .slice(folder.length + 2)
      .replace(/\.(pdf|html)$/i, "")
      .replace(/\/$/, "")
  );
}

/** The identifier in the address of a paper's page, or undefined. Hosts are compared whole; nothing is fetched. */
function idOfAddress(text: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(text)) return undefined;
  // People leave the scheme out, and browsers show addresses without it.
  const address = /^https?:\/\//i.test(text) ? text : `https://${text.replace(/^\/\//, "")}`;
  if (!URL.canParse(address)) return undefined;
  const { hostname, username, password, port, pathname } = new URL(address);
  if (username || password || port) return undefined;
  if (ARXIV_HOSTS.includes(hostname)) return below(pathname, ["abs", "pdf", "html"]);
  if (hostname === "huggingface.co") return below(pathname, ["papers"]);
  if (hostname === "alphaxiv.org" || hostname === "www.alphaxiv.org")
    return below(pathname, ["abs", "overview", "pdf"]);
  if (hostname === "doi.org" || hostname === "dx.doi.org") return idOfDoi(pathname.slice(1));
  return undefined;
}

function idOfDoi(text: string): string | undefined {
  return /^(?:doi(?::| |: ))?10\.48550\/arxiv\.(.+)$/i.exec(text)?.[1];
}

/**
 * An identifier as bibliographies have it, "arXiv preprint arXiv:1806.07572", as the margin of arXiv's PDFs has it,
 * "arXiv:1806.07572v4 [cs.LG] 10 Feb 2020", or as people write it, "arxiv 1806.07572".
 */
function idOfCitation(text: string): string | undefined {
  return /^(?:(?:arxiv preprint )?arxiv(?::| |: |\/)|abs\/)?([0-9a-z./-]+)(?: *\[[a-z.-]+\](?: +\d{1,2} [a-z]{3} \d{4})?)?$/i.exec(
    text,
  )?.[1];
}

/** A text without what surrounds a reference in a sentence: spaces, seen or not, brackets, quotes, a stop at its end. */
function bare(text: string): string {
  return text
    .replace(/^[\s\u200b-\u200d\u2060("'<{“‘]+|[\s\u200b-\u200d\u2060)"'>}”’.,;:]+$/g, "")
    .replace(/^\[([^[\]]*)\]$/, "$1");
}

/**
 * The paper that a text names: an identifier in any form of `parseArxivId` or as a citation has it, the address of its
 * page at arXiv, Hugging Face or alphaXiv with or without scheme, or arXiv's DOI; in brackets, in quotes, or before the
 * stop of a sentence. Undefined for anything else.
 */
export function parsePaperReference(text: string): ArxivReference | undefined {
  if (text.length > 200) return undefined;
  const named = bare(text);
  return parseArxivId(idOfAddress(named) ?? idOfDoi(named) ?? idOfCitation(named) ?? named);
}
