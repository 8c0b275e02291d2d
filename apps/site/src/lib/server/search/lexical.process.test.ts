import { type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { rowsOf } from "../database/rows.ts";
import { engines, openSeeded } from "../database/testing.ts";
import { abbreviations, abbreviationsIn } from "./abbreviations.ts";
import { closeLexemes, spelledList } from "./candidates.ts";
import { indexPapers } from "./index-papers.ts";
import { lexicalLists } from "./lexical.ts";
import { inverseFrequency, type ReadQuery, readQuery } from "./terms.ts";
import { storeTopics } from "./topics/store.ts";

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await openSeeded(open, storeTopics, indexPapers);
  });
  afterAll(() => database?.close());

  async function idsOf(list: SQL | undefined): Promise<number[]> {
    if (!list) return [];
    const rows = rowsOf<{ id: number | string }>(
      await database.orm.execute(sql`select id from (${list}) list order by place`),
    );
    return rows.map(({ id }) => Number(id));
  }

  test("a phrase of very common words is found as one, and a single word has no part", async () => {
    const read = await readQuery(database.orm, '"stochastic gradient"');
    const having = rowsOf<{ id: number | string }>(
      await database.orm.execute(sql`select id from papers where tsv @@ ${read.query}::tsquery`),
    ).map(({ id }) => Number(id));
    expect(having.length).toBeGreaterThan(0);
    const terms = read.terms.map((term) => ({ ...term, df: 60_000 }));
    const { whole } = lexicalLists({ ...read, papers: 100_000, terms }, { operators: false });
    expect(new Set(await idsOf(whole))).toEqual(new Set(having));
    const one = lexicalLists(await readQuery(database.orm, "gradient"), { operators: false });
    expect((await idsOf(one.whole)).length).toBeGreaterThan(0);
    expect(one.part).toBeUndefined();
  });

  /** The score of every paper for some terms, from the positions and weights that the database stores. */
  async function scores(read: ReadQuery): Promise<Map<number, number>> {
    const rows = rowsOf<{ id: number | string; lexeme: string; weights: readonly string[] }>(
      await database.orm.execute(
        sql`select id, lexeme, weights from papers, unnest(tsv) order by id, lexeme`,
      ),
    );
    const sum = new Map<number, number>();
    for (const { id, lexeme, weights } of rows) {
      const term = read.terms.find((wanted) => wanted.lexeme === lexeme);
      if (!term) continue;
      const times = weights.includes("A") ? 2 : 1;
      sum.set(Number(id), (sum.get(Number(id)) ?? 0) + times * inverseFrequency(term.df, read.papers));
    }
    return sum;
  }

  test("papers that have any of the terms come by the sum of their inverse frequencies, twice in the title", async () => {
    const read = await readQuery(database.orm, "perceptron saddle batch momentum");
    const expected = await scores(read);
    const { part } = lexicalLists(read, { operators: false });
    const ids = await idsOf(part);
    expect([...ids].sort()).toEqual([...expected.keys()].sort());
    const values = ids.map((id) => expected.get(id) ?? Number.NaN);
    for (const [i, value] of values.entries())
      if (i > 0) expect(value).toBeLessThanOrEqual(values[i - 1] + 1e-12);
  });

  test("words so common that all papers are gone through by their heat find the same papers in the same order", async () => {
    const read = await readQuery(database.orm, "gradient");
    const usual = await idsOf(lexicalLists(read, { operators: false }).whole);
    // As if these papers were some of very many.
    const crowd = {
      ...read,
      papers: 100_000,
      terms: read.terms.map((term) => ({ ...term, df: 40_000 })),
    };
    expect(usual.length).toBeGreaterThan(5);
    expect(await idsOf(lexicalLists(crowd, { operators: false }).whole)).toEqual(usual);
  });

  test("a term that no paper has leaves the whole query without a match, and the others with theirs", async () => {
    const read = await readQuery(database.orm, "perceptron zyxwvu");
    const lists = lexicalLists(read, { operators: false });
    expect(lists.whole).toBeUndefined();
    expect(await idsOf(lists.part)).toEqual(
      await idsOf(lexicalLists(await readQuery(database.orm, "perceptron"), { operators: false }).whole),
    );
    expect(lexicalLists(await readQuery(database.orm, "zyxwvu"), { operators: false })).toEqual({});
  });

  test("hyphenated words are looked for without their parts, which are always beside them", async () => {
    const texts = [
      "self-attention",
      "self attention",
      "state-of-the-art",
      "state art",
      "low-rank adaptation",
      "variance-reduced",
      "rank",
    ];
    for (const [text, alone] of [
      ["self-attention", "'self-attent'"],
      ["low-rank adaptation", "'low-rank' & 'adapt'"],
      ["state-of-the-art or variance-reduced", "'state-of-the-art' | 'variance-reduc'"],
      // What follows a phrase's compound is part of the phrase.
      ['"low-rank adaptation"', "'low-rank' <-> 'low' <-> 'rank' <-> 'adapt'"],
    ]) {
      const { query } = await readQuery(database.orm, text);
      expect(query).toBe(alone);
      const rows = rowsOf<{ ours: boolean; theirs: boolean }>(
        await database.orm.execute(sql`
          select to_tsvector('english', text) @@ ${query}::tsquery as ours,
                 to_tsvector('english', text) @@ websearch_to_tsquery('english', ${text}) as theirs
          from jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb) text`),
      );
      expect(rows.some(({ ours }) => ours)).toBe(true);
      for (const { ours, theirs } of rows) expect(ours).toBe(theirs);
    }
  });

  test("each abbreviation is one lexeme, its plural too, and stands for words that texts are searched for", async () => {
    for (const abbreviation of abbreviations) {
      const { word, plural, phrase } = abbreviation;
      for (const written of [word.toUpperCase(), plural])
        expect(abbreviationsIn(`the (${written}),`), written).toEqual([abbreviation]);
      const { terms, spelledOut } = await readQuery(database.orm, plural, [abbreviation]);
      const own = await readQuery(database.orm, word);
      expect(own.terms.map(({ lexeme }) => lexeme)).toEqual([word]);
      const read = await readQuery(database.orm, phrase);
      const forms = new Map([...own.terms, ...terms].map((term) => [term.lexeme, term]));
      expect(spelledOut).toEqual([{ forms: [...forms.values()], phrase: read.terms }]);
      expect(read.terms.length, phrase).toBeGreaterThan(1);
      expect(phrase).not.toContain("-");
    }
    expect(abbreviationsIn("PDE-constrained, an asode")).toEqual([]);
  });

  test("a misspelled word leads to the papers that have the right one in their titles", async () => {
    const { terms } = await readQuery(database.orm, "lagrangan");
    expect(terms.map(({ df }) => df)).toEqual([0]);
    const close = await closeLexemes(
      database.orm,
      terms.map(({ lexeme }) => lexeme),
    );
    const rows = rowsOf<{ title: string }>(
      await database.orm.execute(sql`select title from papers where id in (${spelledList(close)})`),
    );
    expect(rows).toHaveLength(1);
    expect(rows[0].title).toContain("Lagrangian");
    const given = [{ lexeme: "lagrang", df: 2, similarity: 0.1 }];
    // What was looked up before is not looked up again.
    expect(await closeLexemes(database.orm, ["lagrangan"], new Map([["lagrangan", given]]))).toEqual(given);
  });
});
