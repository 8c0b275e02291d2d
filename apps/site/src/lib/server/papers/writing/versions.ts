import { sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import type { PaperRecord } from "./record.ts";

/** Keeps versions of papers as arXiv describes them; flattened texts are none of its versions. */
export async function writeVersions(
  orm: Orm,
  records: readonly PaperRecord[],
  ids: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = new Map(
    records
      .filter(({ abstractKind, incomplete }) => abstractKind === "source" && !incomplete)
      .map((record) => [
        `${record.arxivId}v${record.version}`,
        {
          paper_id: ids.get(record.arxivId),
          version: record.version,
          submitted_at: record.version === 1 ? record.publishedAt : (record.updatedAt ?? record.publishedAt),
          title: record.title,
          abstract_raw: record.abstract,
          comment: record.comment,
        },
      ]),
  );
  if (rows.size === 0) return;
  await orm.execute(sql`
    insert into paper_versions (paper_id, version, submitted_at, title, abstract_raw, abstract_kind, comment)
    select paper_id, version, submitted_at, title, abstract_raw, 'source', comment
    from json_to_recordset(${JSON.stringify([...rows.values()])}::text::json) as r (paper_id bigint, version integer,
      submitted_at timestamptz, title text, abstract_raw text, comment text)
    on conflict (paper_id, version) do update set submitted_at = excluded.submitted_at, title = excluded.title,
      abstract_raw = excluded.abstract_raw, comment = excluded.comment
    where (paper_versions.submitted_at, paper_versions.title, paper_versions.abstract_raw, paper_versions.comment)
      is distinct from (excluded.submitted_at, excluded.title, excluded.abstract_raw, excluded.comment)`);
}
