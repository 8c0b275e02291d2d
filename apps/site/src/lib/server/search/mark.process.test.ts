import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { openMigrated, openSeeded } from "../database/testing.ts";
import seed from "../papers/seed/seed-papers.json" with { type: "json" };
import { candidateWords, lexemesOf } from "./mark.ts";

let database: Database;
beforeAll(async () => {
  database = await openSeeded(openMigrated);
});
afterAll(() => database?.close());

/** Verbs and nouns whose stems the stemmer knows by heart, letters that it changes, accents, ligatures, spellings. */
const PECULIAR =
  "dying lying tying skis skies sky idly gently ugly early only singly by flies x xs 3 3D 10 Ångström Œuvre ŒUVRE œdème " +
  "Hölder naïve Øystein straße Ætna étude analyse behaviour neighbours modelled imbalance unbalancing optimisation " +
  "overparametrised parametrise centres Λ λ Эрмит über Ýmir İstanbul ījab";

test("each word is among the candidates of its lexemes", async () => {
  const texts = seed.map(({ title, abstract }) => `${title} ${abstract}`);
  const words = new Set([...texts, PECULIAR].join(" ").match(/[\p{L}\p{N}]+/gu));
  expect(words.size).toBeGreaterThan(1000);
  const missed: string[] = [];
  for (const [word, lexemes] of await lexemesOf(database.orm, [...words]))
    for (const lexeme of lexemes)
      if (!word.match(candidateWords([lexeme]))?.includes(word)) missed.push(`${word}: ${lexeme}`);
  expect(missed).toEqual([]);
});
