import { and, gt, inArray, lt, sql } from "drizzle-orm";
import type { Orm } from "../../database/connect.ts";
import { lockPapers } from "../../database/row-locks.ts";
import { papers } from "../../database/schema/index.ts";
import { yieldToEventLoop } from "../../yield-to-event-loop.ts";
import { RENDERING_VERSION, renderAbstract } from "../abstract/render.ts";

/** Abstracts in a statement. */
const BATCH = 50;

/**
 * Renders the stored abstracts anew that an earlier version of the renderer made. A paper whose text changes is indexed
 * anew. Returns how many there were.
 */
export async function renderAgain(
  orm: Orm,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<number> {
  const { id, abstractRaw, abstractKind, contentHash, rendering } = papers;
  let done = 0;
  let last = 0;
  for (;;) {
    const rows = await orm
      .select({ id, abstractRaw, abstractKind, contentHash })
      .from(papers)
      // After the last one: to skip those that are done would read all of them again for each batch.
      .where(and(gt(id, last), lt(rendering, RENDERING_VERSION)))
      .orderBy(id)
      .limit(BATCH);
    if (rows.length === 0) return done;
    const rendered: object[] = [];
    for (const row of rows) {
      await yieldToEventLoop(signal);
      const { html, excerptHtml, text } = renderAbstract(row.abstractRaw, row.abstractKind);
      rendered.push({ id: row.id, hash: row.contentHash, html, excerpt: excerptHtml, text });
    }
    // One that was written meanwhile was rendered then.
    const ids = rows.map((row) => row.id);
    await orm.transaction(async (tx) => {
      await lockPapers(tx, inArray(id, ids));
      await tx.execute(sql`
      update papers set abstract_html = r.html, abstract_excerpt_html = r.excerpt, abstract_text = r.text,
        rendering = ${RENDERING_VERSION}::int, tsv = case when papers.abstract_text = r.text then tsv end
      from json_to_recordset(${JSON.stringify(rendered)}::text::json)
        as r (id bigint, hash text, html text, excerpt text, text text)
      where papers.id = r.id and papers.content_hash = r.hash`);
    });
    done += rows.length;
    last = rows[rows.length - 1].id;
  }
}
