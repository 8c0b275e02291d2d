import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { papers, relatedPapers, termStats } from "../database/schema/index.ts";
import { engines, openSeeded } from "../database/testing.ts";
import entries from "../papers/seed/seed-papers.json" with { type: "json" };
import { closeLexemes, closestWords } from "./candidates.ts";
import { type ActiveModel, modelReader, updateEmbedding } from "./embedding/store.ts";
import { indexPapers } from "./index-papers.ts";
import { lexicalMatches } from "./lexical-matches.ts";
import { search } from "./search.ts";
import { storeTopics } from "./topics/store.ts";

const wanted: readonly (readonly [string, number])[] = [
  ["second-order method with approximate Hessian", 1],
  ["Hölder continuous Hessian", 1],
  ["random features approximation error lower bound", 2],
  ["learning operators between function spaces", 3],
  ["F1 score as a training loss for imbalanced data", 4],
  ["linear scaling rule batch size learning rate", 5],
  ["majorization minimization surrogate expensive gradient", 6],
  ["convex reformulation of ReLU network training ADMM", 7],
  ["neural network preconditioner for conjugate gradient Poisson equation", 8],
  ["score matching early stopping guarantees", 9],
  ["greedy coordinate descent Gauss-Southwell", 10],
  ["spectrum of the Hessian bulk and outliers", 11],
  ["perceptron large step size logistic regression", 12],
  ["equality constrained optimization sketching Newton", 13],
  ["Byzantine robust decentralized SGD momentum", 14],
  ["infinite width limit kernel", 15],
  ["adaptive batch size AdaGrad", 16],
  ["LIME SHAP explain black box", 17],
  ["particle swarm derivative-free global minimizer", 18],
  ["sharpness flat minima stability of SGD", 19],
  ["bilevel optimization penalty", 20],
  ["biologically plausible exponential gradient multiplicative noise", 21],
];

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let model: ActiveModel | undefined;
  /** The seed's number of each paper. */
  const orders = new Map<number, number>();

  beforeAll(async () => {
    database = await openSeeded(open, storeTopics, indexPapers);
    await updateEmbedding(database.orm, new Date("2025-12-25T12:00:00Z"));
    model = await modelReader()(database.orm);
    for (const { id, arxivId } of await database.orm.select().from(papers))
      orders.set(id, entries.findIndex((entry) => entry.arxivId === arxivId) + 1);
  });
  afterAll(() => database?.close());

  const find = async (query: string) =>
    (await search(database.orm, query, { model })).papers.map(({ id }) => orders.get(id));

  const closeTo = async (query: string) =>
    (await search(database.orm, query, { model })).papers
      .filter(({ close }) => close)
      .map(({ id }) => orders.get(id));

  test("22 queries find their paper: at least 20 first, all within three", async () => {
    const ranks: [string, number][] = [];
    for (const [query, order] of wanted) ranks.push([query, (await closeTo(query)).indexOf(order) + 1]);
    expect(ranks.filter(([, rank]) => rank < 1 || rank > 3)).toEqual([]);
    expect(ranks.filter(([, rank]) => rank === 1).length).toBeGreaterThanOrEqual(20);
  });

  describe("words", () => {
    test("a title misspelled, an author, several authors", async () => {
      expect((await find("AdaAdaGrad"))[0]).toBe(16);
      expect((await find("Nutini"))[0]).toBe(10);
      expect((await find("Kolar")).slice(0, 2).sort()).toEqual([13, 16]);
    });

    test("a followed query finds what its abbreviations stand for, one in quotes what is written", async () => {
      const ids = [...orders.keys()];
      const matches = await lexicalMatches(
        database.orm,
        ["PDEs", "SGD sharpness", '"PDE"', "PDE or ADMM"],
        ids,
      );
      const found = [...matches.values()].map((own) => [...own].map((id) => orders.get(id)).sort());
      expect(found.map((own) => own.sort((a = 0, b = 0) => a - b))).toEqual([
        [3, 8, 13, 18],
        [19],
        [13],
        [7, 13],
      ]);
    });

    test("an abbreviation in quotes is taken as it is written", async () => {
      const { papers } = await search(database.orm, '"PDE"');
      expect(papers.map(({ id }) => orders.get(id))).toEqual([13]);
    });

    test.each([
      ["imbalance", [4]],
      ["class imbalance in binary tasks", [4]],
      ["optimisation", [1, 6, 7, 13, 18, 20]],
      ['H\\"older', [1]],
      ["$\\gamma \\to \\infty$", [12]],
      ["SHAP", [17]],
      ["perceptrn logstic", [12]],
      ["lagrangan skething", [13]],
      // Found by what they stand for; 13 writes PDE, and 14 SGD.
      ["PDEs", [3, 8, 13]],
      ["SGD", [5, 6, 7, 14, 16, 18, 19, 21]],
      ["CG preconditioner", [8]],
      ["RMT", [5]],
    ])("%s finds %j", async (query, orders) => {
      expect(await find(query)).toEqual(expect.arrayContaining(orders));
      const close = await closeTo(query);
      expect(close).toEqual(expect.arrayContaining(orders));
      if (orders.length === 1) expect(close[0]).toBe(orders[0]);
    });

    test("British and American spellings find the same", async () => {
      for (const [british, american] of [
        ["optimisation", "optimization"],
        ["generalised linear", "generalized linear"],
        ["regularisation behaviour", "regularization behavior"],
      ])
        expect(await find(british)).toEqual(await find(american));
      // Not every word on "-ise" is British.
      expect(await find("noise")).toEqual(await find("noises"));
    });

    test("what has little of a query comes last, and is said to", async () => {
      const { papers: found } = await search(database.orm, "Byzantine robust momentum", { model });
      expect(orders.get(found[0].id)).toBe(14);
      expect(found.filter(({ close }) => !close).length).toBeGreaterThan(0);
      const marks = found.map(({ close }) => close);
      expect(marks).toEqual(marks.toSorted((a, b) => Number(b) - Number(a)));
    });

    test("nothing is found for nonsense, and nothing for nothing", async () => {
      expect(await find("asdfghjkl qwerty")).toEqual([]);
      expect(await find("")).toEqual([]);
    });

    test("a negated word leaves every list", async () => {
      expect(await find('"gradient descent"')).toContain(12);
      for (const query of ['"gradient descent" -perceptron', "gradient descent (-perceptron)"]) {
        const without = await find(query);
        expect(without.length).toBeGreaterThan(0);
        expect(without).not.toContain(12);
      }
    });

    test("a misspelled word of a title finds it, and words spelled alike are offered", async () => {
      expect(await find("lagrangan")).toContain(13);
      expect(await closestWords(database.orm, "lagrangan perceptrn", 5)).toEqual(
        expect.arrayContaining(["lagrangian", "perceptron"]),
      );
    });

    test("two letters in each other's place find what the word finds", async () => {
      for (const [slip, word] of [
        ["gradeint desecnt", "gradient descent"],
        ["netowrk", "network"],
        ["grpahs", "graphs"],
      ])
        expect(new Set(await find(slip))).toEqual(new Set(await find(word)));
      const misspelled = async (query: string) => (await search(database.orm, query, { model })).misspelled;
      expect(await misspelled("Gradeint methods and desecnts")).toEqual(["Gradeint", "desecnts"]);
      for (const query of ["gradient descent", "-gradeint descent", '"gradeint"'])
        expect(await misspelled(query)).toEqual([]);
      // More trigrams of the first are the word's own.
      for (const lexeme of ["quabcdz", "quabdc"])
        await database.orm.insert(termStats).values({ lexeme, df: 1 });
      const close = await closeLexemes(database.orm, ["quabcd"]);
      expect(close.slice(0, 2).map(({ lexeme }) => lexeme)).toEqual(["quabdc", "quabcdz"]);
    });

    test("of lexemes equally like an unknown word the first by alphabet are taken", async () => {
      // All differ in their last letter and occur once.
      for (const lexeme of ["quaxoz", "quaxoy", "quaxox", "quaxov"])
        await database.orm.insert(termStats).values({ lexeme, df: 1 });
      const close = await closeLexemes(database.orm, ["quaxow"]);
      expect(close.map(({ lexeme }) => lexeme)).toEqual(["quaxov", "quaxox", "quaxoy"]);
    });
  });

  describe("identifiers", () => {
    test.each([
      "1806.07572",
      "arXiv:1806.07572v4",
      "https://arxiv.org/abs/1806.07572",
      "https://arxiv.org/pdf/1806.07572v3.pdf",
      "https://huggingface.co/papers/1806.07572",
      "10.48550/arXiv.1806.07572",
      "arxiv.org/abs/1806.07572",
      "arxiv 1806.07572",
    ])("%s finds its paper", async (text) => {
      expect(await find(text)).toEqual([15]);
    });

    test("one that is not here is said to be unknown", async () => {
      expect(await search(database.orm, "2401.00001", { model })).toMatchObject({
        papers: [],
        identifier: { arxivId: "2401.00001", known: false },
      });
    });
  });

  test("5 and 16, 9 and 21, 10 and 12 are each other's nearest", async () => {
    const rows = await database.orm.select().from(relatedPapers).where(eq(relatedPapers.rank, 1));
    const nearest = new Map(
      rows.map(({ paperId, relatedId }) => [orders.get(paperId), orders.get(relatedId)]),
    );
    for (const [a, b] of [
      [5, 16],
      [9, 21],
      [10, 12],
    ]) {
      expect(nearest.get(a)).toBe(b);
      expect(nearest.get(b)).toBe(a);
    }
  });
});
