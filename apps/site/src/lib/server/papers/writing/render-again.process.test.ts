import { asc, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Orm } from "../../database/connect.ts";
import { migrate } from "../../database/migrate.ts";
import { papers } from "../../database/schema/index.ts";
import { engines } from "../../database/testing.ts";
import { indexPapers } from "../../search/index-papers.ts";
import { RENDERING_VERSION } from "../abstract/render.ts";
import { renderAgain } from "./render-again.ts";
import { recordWith } from "./testing.ts";
import { writePapers } from "./write.ts";

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let orm: Orm;
  beforeAll(async () => {
    database = await open();
    ({ orm } = database);
    await migrate(orm);
  });
  afterAll(() => database?.close());
  beforeEach(() => orm.execute(sql`truncate papers cascade`));

  const stored = () => orm.select().from(papers).orderBy(asc(papers.arxivId));

  test("abstracts that an earlier version rendered become as a paper written now has them, at once", async () => {
    const records = Array.from({ length: 120 }, (_, i) =>
      recordWith({
        arxivId: `2611.${String(i).padStart(5, "0")}`,
        abstract: `We bound $\\ell_${i % 10}$ norms.`,
      }),
    );
    await writePapers(orm, records);
    await indexPapers(orm);
    const wanted = await stored();
    expect(wanted[1]).toMatchObject({ abstractText: "We bound ℓ₁ norms.", rendering: RENDERING_VERSION });
    // As a database has them that is older than the renderer: the first in other words, the second in other marks only.
    await orm.execute(sql`
      update papers set rendering = 0, abstract_html = 'old', abstract_excerpt_html = 'old',
        abstract_text = case when arxiv_id = '2611.00000' then 'We bound \\ell_0 norms.' else abstract_text end`);
    expect(await renderAgain(orm)).toBe(120);
    expect((await stored()).map(({ tsv }) => tsv === null)).toEqual(records.map((_, i) => i === 0));
    await indexPapers(orm);
    expect(await stored()).toEqual(wanted);
    expect(await renderAgain(orm)).toBe(0);
  });
});
