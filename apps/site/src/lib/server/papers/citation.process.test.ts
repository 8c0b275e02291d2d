import { plugins } from "@citation-js/core";
import "@citation-js/plugin-bibtex";
import { parse } from "@retorquere/bibtex-parser";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { paperAuthors, papers } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { citation, uniqueKey } from "./citation.ts";
import { paperByArxivId, type StoredPaper } from "./papers.ts";
import seed from "./seed/seed-papers.json" with { type: "json" };

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open);
  });
  afterAll(() => database?.close());

  async function paper(arxivId: string): Promise<StoredPaper> {
    const found = await paperByArxivId(database.orm, arxivId);
    if (!found) throw new Error(`no paper ${arxivId}`);
    return found;
  }
  const all = () =>
    Promise.all(seed.map(async ({ arxivId }) => citation(database.orm, await paper(arxivId))));

  test("two independent parsers read all 21 entries alike", async () => {
    const text = (await all()).join("\n");
    const first = parse(text);
    expect(first.errors).toEqual([]);
    const second = plugins.input.chain(text, { generateGraph: false });
    expect(first.entries).toHaveLength(21);
    expect(second).toHaveLength(21);
    expect(new Set(first.entries.map(({ key }) => key)).size).toBe(21);
    for (const [i, { key, type, fields }] of first.entries.entries()) {
      const other = second[i];
      expect(type).toBe("misc");
      expect(key).toBe(other["citation-key"]);
      expect(other.title?.toLowerCase()).toBe(seed[i].title.toLowerCase());
      expect(fields.title?.toLowerCase()).toBe(seed[i].title.toLowerCase());
      expect(fields.eprint).toBe(seed[i].arxivId);
      expect(fields.doi).toBe(`10.48550/arXiv.${seed[i].arxivId}`);
      expect(other.DOI).toBe(`10.48550/arXiv.${seed[i].arxivId}`);
      const names = seed[i].authors;
      expect(
        fields.author?.map(({ firstName, lastName, name }) => name ?? `${firstName} ${lastName}`),
      ).toEqual(names);
      const parts = ({ given, family, "non-dropping-particle": particle }: Record<string, string>) =>
        [given, particle, family].filter(Boolean).join(" ");
      expect(other.author?.map(parts)).toEqual(names);
    }
  });

  test("particles belong to the family name, and a name is one author", async () => {
    expect(await citation(database.orm, await paper(seed[5].arxivId))).toMatch(/and Le Roux, Nicolas\},/);
    const { entries } = parse(await citation(database.orm, await paper(seed[13].arxivId)));
    expect(entries[0].fields.author).toContainEqual({ lastName: "Hoang", firstName: "Lê Nguyên" });
  });

  test("papers that would share a key are told apart by letters, in the order of their publication", async () => {
    const {
      id,
      tsv: _tsv,
      featuredOn: _day,
      ...row
    } = (await database.orm.select().from(papers).where(eq(papers.arxivId, seed[0].arxivId)))[0];
    const copies = ["2507.00001", "2506.99999", "2508.00001"];
    const published = [Date.UTC(2025, 6, 1), Date.UTC(2025, 5, 20), Date.UTC(2025, 7, 1)];
    for (const [i, arxivId] of copies.entries()) {
      const [{ id: paperId }] = await database.orm
        .insert(papers)
        .values({ ...row, specSlug: null, arxivId, publishedAt: new Date(published[i]) })
        .returning({ id: papers.id });
      // Accents do not make another key.
      await database.orm
        .insert(paperAuthors)
        .values({ paperId, position: 1, name: i === 0 ? "Andréi Seménov" : "Olga Semenov" });
    }
    const keys = await Promise.all(
      [seed[0].arxivId, ...copies].map(async (arxivId) => uniqueKey(database.orm, await paper(arxivId))),
    );
    expect(keys).toEqual([
      "semenov2025gradient",
      "semenov2025gradientc",
      "semenov2025gradientb",
      "semenov2025gradientd",
    ]);
    expect(await citation(database.orm, await paper(copies[0]))).toContain("@misc{semenov2025gradientc,");
    expect(id).toBeGreaterThan(0);
  });
});
