import { parseArxivId } from "#lib/arxiv-id.ts";
import { splitTerms } from "./categories.ts";
import { lineOrNull, oneLine, paragraphs } from "./text.ts";
import { saysWithdrawn } from "./withdrawn.ts";
import { ArxivFormatError, childOf, childrenOf, readXml, textOf, type XmlElement } from "./xml.ts";

/** The repository refused a request. */
export class OaiError extends Error {
  override readonly name = "OaiError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** A paper as the repository describes it: its versions with their dates, and what its latest one says. */
export interface OaiRecord {
  readonly arxivId: string;
  /** The versions and when they came, ascending. */
  readonly versions: readonly { readonly version: number; readonly at: Date }[];
  readonly categories: readonly string[];
  readonly comment: string | null;
  readonly journalRef: string | null;
  readonly doi: string | null;
  readonly license: string | null;
  readonly withdrawn: boolean;
}

/** A page of a list of records. */
export interface OaiPage {
  /** When the repository answered, by its own clock: where the next harvest begins. */
  readonly responseDate: Date;
  readonly records: readonly OaiRecord[];
  /** Papers that the repository no longer has. */
  readonly deleted: readonly string[];
  /** What is wrong with records that cannot be read, for the log. */
  readonly unreadable: readonly string[];
  /** Asks for the next page; undefined on the last. */
  readonly resumptionToken?: string;
}

const IDENTIFIER = /^oai:arxiv\.org:(.+)$/i;

function versionsOf(metadata: XmlElement): OaiRecord["versions"] {
  return childrenOf(metadata, "version")
    .flatMap((element) => {
      const version = /^v([1-9]\d{0,3})$/.exec(element.attributes.version ?? "")?.[1];
      const at = Date.parse(textOf(element, "date").trim());
      return version === undefined || Number.isNaN(at)
        ? []
        : [{ version: Number(version), at: new Date(at) }];
    })
    .sort((a, b) => a.version - b.version);
}

/** A record, or what is wrong with it. */
function recordOf(metadata: XmlElement | undefined, arxivId: string): OaiRecord | string {
  if (!metadata) return `${arxivId} has no metadata`;
  const versions = versionsOf(metadata);
  if (versions.length === 0) return `${arxivId} has no version`;
  const comment = lineOrNull(textOf(metadata, "comments"));
  return {
    arxivId,
    versions,
    categories: splitTerms(oneLine(textOf(metadata, "categories")).split(" ")).categories,
    comment,
    journalRef: lineOrNull(textOf(metadata, "journal-ref")),
    doi: lineOrNull(textOf(metadata, "doi")),
    license: lineOrNull(textOf(metadata, "license")),
    withdrawn: saysWithdrawn(comment, paragraphs(textOf(metadata, "abstract"))),
  };
}

/**
 * Reads an answer to `ListRecords` of OAI-PMH 2.0 with the metadata format `arXivRaw`. An answer that no record matches
 * is an empty page.
 *
 * @throws ArxivFormatError when it is not such an answer
 * @throws OaiError when the repository refuses the request
 */
export function parseOai(xml: string): OaiPage {
  const document = readXml(xml);
  if (document.name !== "OAI-PMH")
    throw new ArxivFormatError(`expected OAI-PMH, got <${document.name.slice(0, 40)}>`);
  const responseDate = new Date(Date.parse(textOf(document, "responseDate").trim()));
  if (Number.isNaN(responseDate.getTime())) throw new ArxivFormatError("the answer has no responseDate");
  const error = childOf(document, "error");
  const code = error?.attributes.code ?? "error";
  if (error && code !== "noRecordsMatch") throw new OaiError(code, oneLine(error.text).slice(0, 200));
  const list = childOf(document, "ListRecords");
  if (!list && !error) throw new ArxivFormatError("the answer has no ListRecords");
  const records: OaiRecord[] = [];
  const deleted: string[] = [];
  const unreadable: string[] = [];
  for (const element of list ? childrenOf(list, "record") : []) {
    const header = childOf(element, "header");
    const identifier = oneLine(header ? textOf(header, "identifier") : "");
    const reference = parseArxivId(IDENTIFIER.exec(identifier)?.[1] ?? "");
    if (!reference) {
      unreadable.push(`no identifier of a paper: ${identifier.slice(0, 80)}`);
      continue;
    }
    if (header?.attributes.status === "deleted") {
      deleted.push(reference.id);
      continue;
    }
    const metadata = childOf(element, "metadata")?.children.find(({ name }) => name === "arXivRaw");
    const record = recordOf(metadata, reference.id);
    if (typeof record === "string") unreadable.push(record);
    else records.push(record);
  }
  const token = list ? textOf(list, "resumptionToken").trim() : "";
  return { responseDate, records, deleted, unreadable, ...(token === "" ? {} : { resumptionToken: token }) };
}
