import { createHash } from "node:crypto";
import { inArray, sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { rowsOf } from "../../database/rows.ts";
import { paperAuthors, papers } from "../../database/schema/index.ts";
import { yieldToEventLoop } from "../../yield-to-event-loop.ts";
import { RENDERING_VERSION, renderAbstract } from "../abstract/render.ts";
import { hotWhenFeatured } from "../ranking.ts";
import { type Duplicate, flagDuplicates } from "./duplicates.ts";
import type { Featuring, PaperRecord } from "./record.ts";
import { writeVersions } from "./versions.ts";

/** What came of records. */
export interface Written {
  /** arXiv identifiers of papers that were not here. */
  readonly added: readonly string[];
  /** Of papers whose page has changed. */
  readonly updated: readonly string[];
}

export interface WriteOptions {
  /** Where new papers stand in the lists; a paper that is here keeps its place and its score. */
  readonly featuring?: (record: PaperRecord) => Featuring;
  /** What is stored in the same transaction, with papers that look like one work. */
  readonly within?: (transaction: Orm, duplicates: readonly Duplicate[]) => Promise<unknown>;
}

interface KnownPaper {
  readonly id: number;
  readonly arxivId: string;
  readonly contentHash: string;
}

/** Papers rendered between two turns of the event loop. */
const TURN = 10;

/** Of all that a record says. */
function contentHash(record: PaperRecord): string {
  return createHash("sha256").update(JSON.stringify(record)).digest("hex");
}

function knownPapers(orm: Orm, ids: readonly string[]): Promise<KnownPaper[]> {
  return orm
    .select({ id: papers.id, arxivId: papers.arxivId, contentHash: papers.contentHash })
    .from(papers)
    .where(inArray(papers.arxivId, [...ids]));
}

/** A paper's row as JSON, under the names of its columns. */
function rowOf(record: PaperRecord, hash: string, featuring: Featuring | undefined) {
  const abstract = renderAbstract(record.abstract, record.abstractKind);
  return {
    arxiv_id: record.arxivId,
    title: record.title,
    abstract_raw: record.abstract,
    abstract_kind: record.abstractKind,
    abstract_html: abstract.html,
    abstract_excerpt_html: abstract.excerptHtml,
    abstract_text: abstract.text,
    rendering: RENDERING_VERSION,
    authors_count: record.authors.length,
    primary_category: record.primaryCategory,
    categories: record.categories,
    other_classes: record.otherClasses,
    comment: record.comment,
    journal_ref: record.journalRef,
    doi: record.doi,
    license: record.license,
    code_url: record.codeUrl,
    published_at: record.publishedAt,
    arxiv_updated_at: record.updatedAt,
    latest_version: record.version,
    withdrawn: record.withdrawn,
    incomplete: record.incomplete,
    lane: featuring?.lane ?? null,
    featured_at: featuring?.at ?? null,
    hot: featuring ? hotWhenFeatured(featuring.at) : null,
    content_hash: hash,
  };
}

type Row = ReturnType<typeof rowOf>;

/**
 * Stores rows: what is new as it is, what is known if the row is of the same or a later version. arXiv's text replaces a
 * flattened one and is never replaced by one; the instant of version 1 stays once arXiv has told it.
 */
async function upsert(orm: Orm, rows: readonly Row[]) {
  const result = await orm.execute(sql`
    insert into papers (arxiv_id, title, abstract_raw, abstract_kind, abstract_html, abstract_excerpt_html,
      abstract_text, rendering, authors_count, primary_category, categories, other_classes, comment, journal_ref, doi, license,
      code_url, published_at, arxiv_updated_at, latest_version, withdrawn, incomplete, lane, featured_at, hot,
      content_hash)
    select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as r (arxiv_id text, title text,
      abstract_raw text, abstract_kind text, abstract_html text, abstract_excerpt_html text, abstract_text text,
      rendering integer, authors_count integer, primary_category text, categories text[], other_classes text[], comment text,
      journal_ref text, doi text, license text, code_url text, published_at timestamptz, arxiv_updated_at timestamptz,
      latest_version integer, withdrawn boolean, incomplete boolean, lane text, featured_at timestamptz,
      hot double precision, content_hash text)
    on conflict (arxiv_id) do update set
      title = excluded.title, abstract_raw = excluded.abstract_raw, abstract_kind = excluded.abstract_kind,
      abstract_html = excluded.abstract_html, abstract_excerpt_html = excluded.abstract_excerpt_html,
      abstract_text = excluded.abstract_text, rendering = excluded.rendering, authors_count = excluded.authors_count,
      primary_category = excluded.primary_category, categories = excluded.categories,
      other_classes = excluded.other_classes, comment = excluded.comment,
      journal_ref = coalesce(excluded.journal_ref, papers.journal_ref), doi = coalesce(excluded.doi, papers.doi),
      license = coalesce(excluded.license, papers.license), code_url = coalesce(excluded.code_url, papers.code_url),
      published_at = case when papers.abstract_kind = 'flattened' then excluded.published_at
        else papers.published_at end,
      arxiv_updated_at = excluded.arxiv_updated_at, latest_version = excluded.latest_version,
      withdrawn = excluded.withdrawn, incomplete = excluded.incomplete, content_hash = excluded.content_hash,
      -- Indexed anew.
      tsv = null
    where papers.content_hash <> excluded.content_hash and case
      when papers.abstract_kind = 'flattened' then excluded.abstract_kind = 'flattened' or not excluded.incomplete
      when excluded.abstract_kind = 'flattened' then false
      when excluded.latest_version = papers.latest_version then papers.incomplete or not excluded.incomplete
      else excluded.latest_version > papers.latest_version end
    returning id::integer as id, arxiv_id as "arxivId", (xmax = 0) as added`);
  return rowsOf<{ id: number; arxivId: string; added: boolean }>(result);
}

/** Replaces the authors of papers. */
async function writeAuthors(
  orm: Orm,
  authors: readonly { readonly id: number; readonly record: PaperRecord }[],
): Promise<void> {
  const ids = authors.map(({ id }) => id);
  await orm.delete(paperAuthors).where(inArray(paperAuthors.paperId, ids));
  const rows = authors.flatMap(({ id, record }) =>
    record.authors.map((author, i) => ({ paper_id: id, position: i + 1, ...author })),
  );
  await orm.execute(sql`
    insert into paper_authors (paper_id, position, name, affiliation)
    select * from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as r (paper_id bigint, position integer, name text, affiliation text)`);
}

/** The latest version of each paper: known ones by id, as all who lock papers do, then new ones by identifier. */
function latestVersions(
  records: readonly PaperRecord[],
  known: ReadonlyMap<string, { readonly id: number }>,
): PaperRecord[] {
  const latest = new Map<string, PaperRecord>();
  for (const record of records) {
    const other = latest.get(record.arxivId);
    if (!other || record.version >= other.version) latest.set(record.arxivId, record);
  }
  const place = ({ arxivId }: PaperRecord) => known.get(arxivId)?.id ?? Number.POSITIVE_INFINITY;
  const byPlace = (a: PaperRecord, b: PaperRecord) => {
    const [first, second] = [place(a), place(b)];
    return first === second ? (a.arxivId < b.arxivId ? -1 : 1) : first - second;
  };
  return [...latest.values()].sort(byPlace);
}

/**
 * Stores what a source says of papers, whatever is there already and in whatever order versions come: the highest
 * version is shown, each is kept, and no place in a list and no score changes. Papers that look like one work are
 * flagged. One transaction; what changed waits for the search to index it.
 */
export async function writePapers(
  orm: Orm,
  records: readonly PaperRecord[],
  { featuring, within }: WriteOptions = {},
): Promise<Written> {
  const stored = await knownPapers(orm, [...new Set(records.map(({ arxivId }) => arxivId))]);
  const known = new Map(stored.map((paper) => [paper.arxivId, paper]));
  const changed = records
    .map((record) => ({ record, hash: contentHash(record) }))
    .filter(({ record, hash }) => known.get(record.arxivId)?.contentHash !== hash);
  const hashOf = new Map(changed.map(({ record, hash }) => [record, hash]));
  const rows: Row[] = [];
  const latest = latestVersions(
    changed.map(({ record }) => record),
    known,
  );
  for (const [i, record] of latest.entries()) {
    if (i % TURN === 0) await yieldToEventLoop();
    rows.push(rowOf(record, hashOf.get(record) ?? "", featuring?.(record)));
  }
  return orm.transaction(async (tx) => {
    const written = rows.length === 0 ? [] : await upsert(tx, rows);
    const byId = new Map(latest.map((record) => [record.arxivId, record]));
    const authors = written.flatMap(({ id, arxivId }) => {
      const record = byId.get(arxivId);
      return record ? [{ id, record }] : [];
    });
    if (authors.length > 0) await writeAuthors(tx, authors);
    const ids = new Map([...stored, ...written].map(({ arxivId, id }) => [arxivId, id]));
    await writeVersions(
      tx,
      changed.map(({ record }) => record),
      ids,
    );
    const added = written.filter((paper) => paper.added);
    const duplicates = await flagDuplicates(
      tx,
      written.map(({ id }) => id),
    );
    await within?.(tx, duplicates);
    return {
      added: added.map(({ arxivId }) => arxivId),
      updated: written.filter((paper) => !paper.added).map(({ arxivId }) => arxivId),
    };
  });
}
