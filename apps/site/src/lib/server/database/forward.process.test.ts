// A backup of an earlier schema comes back to this version with all that was in it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreBackup } from "@gradus/database/backup";
import { migrations } from "@gradus/database/migrations";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listPapers } from "../papers/listing/query.ts";
import { updateVoteWeights } from "../people/votes.ts";
import { type Orm, openEmbedded } from "./connect.ts";
import { migrate, pendingMigrations } from "./migrate.ts";
import { rowsOf } from "./rows.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-forward-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The first schema that had votes and claims, in the words of its own time. */
const EARLIER = migrations.filter(({ version }) => version <= "0002_reading");

async function fill(orm: Orm): Promise<void> {
  await orm.execute(sql`
    insert into papers (arxiv_id, title, abstract_raw, abstract_kind, abstract_html, abstract_excerpt_html,
      abstract_text, authors_count, published_at, lane, featured_at, hot, content_hash, votes_count)
    select '2512.0000' || i, 'Paper ' || i, 'text', 'source', 'text', 'text', 'text', 1, '2025-12-01', 'daily',
      '2025-12-20', i % 3, 'hash', i % 2 from generate_series(1, 6) i`);
  await orm.execute(
    sql`insert into paper_authors (paper_id, position, name) select id, 1, 'Ada' from papers`,
  );
  await orm.execute(sql`insert into users (email, email_canonical_hmac) values ('ada@readers.example', 'x')`);
  await orm.execute(sql`
    insert into votes (paper_id, user_id, voted_at, weight)
    select p.id, u.id, '2025-12-21', 0 from papers p, users u where p.votes_count = 1`);
}

async function content(orm: Orm) {
  const rows = (table: string) => orm.$count(sql.identifier(table));
  const [{ order }] = rowsOf<{ order: string }>(
    await orm.execute(sql`
      select string_agg(arxiv_id, ' ' order by hot desc, votes_count desc, published_at desc, arxiv_id) as order
      from papers`),
  );
  return { papers: await rows("papers"), votes: await rows("votes"), users: await rows("users"), order };
}

test("a dump of the schema with the first votes migrates forward: the same counts, the same order", {
  timeout: 300_000,
}, async () => {
  const file = join(folder, "kept", "backup.tar.gz");
  const earlier = await openEmbedded(join(folder, "earlier"));
  await migrate(earlier.orm, EARLIER);
  await fill(earlier.orm);
  const before = await content(earlier.orm);
  await earlier.dump(file);
  await earlier.close();

  const target = join(folder, "restored");
  await restoreBackup(file, target);
  const restored = await openEmbedded(target);
  try {
    const later = migrations.slice(EARLIER.length).map(({ version }) => version);
    expect(later.length).toBeGreaterThan(0);
    expect(await migrate(restored.orm)).toEqual(later);
    expect(await pendingMigrations(restored.orm)).toEqual([]);
    expect(await content(restored.orm)).toEqual(before);
    const parameters = { sort: "trending", topics: [], runnable: false, minVotes: 0 } as const;
    const { papers } = await listPapers(restored.orm, { last: "2025-12-25" }, parameters, {
      offset: 0,
      limit: 9,
    });
    expect(papers.map(({ arxivId }) => arxivId).join(" ")).toBe(before.order);
    // What this version does with votes works on those of then: an unconfirmed account weighs nothing.
    expect(await updateVoteWeights(restored.orm, new Date("2025-12-25T12:00:00Z"))).toBe(0);
  } finally {
    await restored.close();
  }
});
