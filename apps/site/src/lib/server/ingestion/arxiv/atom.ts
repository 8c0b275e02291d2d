import { type ArxivReference, parseArxivId } from "#lib/arxiv-id.ts";
import type { AuthorRecord, PaperRecord } from "../../papers/writing/record.ts";
import { isArxivCategory, splitTerms } from "./categories.ts";
import { authorName, lineOrNull, oneLine, paragraphs, plainLine } from "./text.ts";
import { saysWithdrawn } from "./withdrawn.ts";
import { ArxivFormatError, childOf, childrenOf, readXml, textOf, type XmlElement } from "./xml.ts";

/** arXiv says in an entry, with status 200, that it does not understand a query. */
export class ArxivQueryError extends Error {
  override readonly name = "ArxivQueryError";
}

/** A page of results of arXiv's query API. */
export interface AtomPage {
  /** How many results the query has in all, by what arXiv says. */
  readonly total: number;
  /** Entries on this page, those that cannot be read included. */
  readonly entries: number;
  readonly records: readonly PaperRecord[];
  /** What is wrong with entries that are no records, for the log. */
  readonly unreadable: readonly string[];
}

const PAGE = /^https?:\/\/(?:www\.|export\.)?arxiv\.org\/abs\/(.+)$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** The paper that an entry's identifier names. */
function referenceOf(id: string): ArxivReference | undefined {
  const name = PAGE.exec(id)?.[1];
  return name === undefined ? undefined : parseArxivId(name);
}

function instantOf(text: string): Date | undefined {
  const trimmed = text.trim();
  if (!INSTANT.test(trimmed)) return undefined;
  const at = Date.parse(trimmed);
  return Number.isNaN(at) ? undefined : new Date(at);
}

function authorsOf(entry: XmlElement): AuthorRecord[] {
  return childrenOf(entry, "author")
    .map((author) => ({
      name: authorName(textOf(author, "name")),
      affiliation: plainLine(textOf(author, "affiliation")) || null,
    }))
    .filter(({ name }) => name !== "");
}

/** A record, or what is wrong with the entry. */
function recordOf(entry: XmlElement): PaperRecord | string {
  const id = oneLine(textOf(entry, "id"));
  const reference = referenceOf(id);
  if (!reference) return `no identifier of a paper: ${id.slice(0, 80)}`;
  const title = plainLine(textOf(entry, "title"));
  if (title === "") return `${reference.id} has no title`;
  const updatedAt = instantOf(textOf(entry, "updated")) ?? instantOf(textOf(entry, "published"));
  const publishedAt = instantOf(textOf(entry, "published")) ?? updatedAt;
  if (!publishedAt || !updatedAt) return `${reference.id} has no date`;
  const abstract = paragraphs(textOf(entry, "summary"));
  const terms = childrenOf(entry, "category").map(({ attributes }) => oneLine(attributes.term ?? ""));
  const primary = oneLine(childOf(entry, "primary_category")?.attributes.term ?? "");
  const primaryCategory = isArxivCategory(primary) ? primary : null;
  const split = splitTerms(primaryCategory === null ? terms : [primaryCategory, ...terms]);
  const comment = lineOrNull(textOf(entry, "comment"));
  const authors = authorsOf(entry);
  const links = childrenOf(entry, "link").length;
  return {
    arxivId: reference.id,
    version: reference.version ?? 1,
    publishedAt,
    updatedAt,
    title,
    abstract,
    abstractKind: "source",
    authors,
    primaryCategory,
    ...split,
    comment,
    journalRef: lineOrNull(textOf(entry, "journal_ref")),
    doi: lineOrNull(textOf(entry, "doi")),
    license: lineOrNull(textOf(entry, "license")),
    codeUrl: null,
    withdrawn: saysWithdrawn(comment, abstract),
    incomplete: abstract === "" || authors.length === 0 || split.categories.length === 0 || links === 0,
  };
}

/**
 * Reads a page of arXiv's query API (Atom 1.0 with OpenSearch and arXiv's own elements).
 *
 * @throws ArxivFormatError when it is not such a page
 * @throws ArxivQueryError when an entry says that the query is wrong
 */
export function parseAtom(xml: string): AtomPage {
  const feed = readXml(xml);
  if (feed.name !== "feed") throw new ArxivFormatError(`expected a feed, got <${feed.name.slice(0, 40)}>`);
  const total = textOf(feed, "totalResults").trim();
  if (!/^\d{1,9}$/.test(total)) throw new ArxivFormatError("the feed has no totalResults");
  const entries = childrenOf(feed, "entry");
  const error = entries.find((entry) => textOf(entry, "id").includes("/api/errors#"));
  if (error) throw new ArxivQueryError(oneLine(textOf(error, "summary")).slice(0, 200) || "error");
  const read = entries.map(recordOf);
  return {
    total: Number(total),
    entries: entries.length,
    records: read.filter((record) => typeof record !== "string"),
    unreadable: read.filter((record) => typeof record === "string"),
  };
}
