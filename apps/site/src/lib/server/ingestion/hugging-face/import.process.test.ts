import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Database, Orm } from "../../database/connect.ts";
import { ingestState, papers } from "../../database/schema/index.ts";
import { engines, openSeeded } from "../../database/testing.ts";
import { openArxiv } from "../arxiv/client.ts";
import { type FakeArxiv, fakeArxiv, type Mood, simulatedTime } from "../testing/fake-arxiv.ts";
import { dailyItem, fakeHuggingFace, type ListMood } from "../testing/fake-hugging-face.ts";
import { importDaily, importDays } from "./import.ts";
import { HuggingFaceError } from "./list.ts";

const NOW = new Date("2026-11-20T07:00:00Z");
const SEED = "2412.08424";
const paper = (id: string, category = "cs.LG") => {
  const at = new Date("2026-11-18T00:00:00Z");
  return { id, title: `Paper ${id}`, category, versions: [at], announced: at };
};

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let orm: Orm;
  let arxiv: FakeArxiv;
  let lists: Awaited<ReturnType<typeof fakeHuggingFace>>;
  let time: ReturnType<typeof simulatedTime>;
  let mood: Mood;

  beforeAll(async () => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    database = await openSeeded(open);
    ({ orm } = database);
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await database?.close();
  });
  beforeEach(async () => {
    mood = "well";
    time = simulatedTime(NOW);
    await orm.delete(ingestState);
    await orm.delete(papers).where(eq(papers.lane, "daily"));
    const kept = [paper("1412.6980"), ...Array.from({ length: 250 }, (_, i) => paper(`2611.${10_000 + i}`))];
    arxiv = await fakeArxiv({
      papers: () => [...kept, paper("2611.20000", "hep-th")],
      now: time.now,
      mood: () => mood,
    });
    lists = await fakeHuggingFace({
      "2026-11-18": [dailyItem("2611.10000", 3)],
      "2026-11-19": [
        dailyItem(SEED, 12, {
          githubRepo: "https://github.com/evil/other",
          projectPage: "https://ada.example/",
        }),
        dailyItem("2611.10001", 5, { githubRepo: "https://github.com/ada/steps" }),
        dailyItem("2611.20000", 500),
        dailyItem("2611.29999", 1),
      ],
      "2026-11-01": Array.from({ length: 230 }, (_, i) => dailyItem(`2611.${10_010 + i}`, i)),
    });
    return async () => {
      await arxiv.close();
      await lists.close();
      await orm.delete(papers).where(eq(papers.abstractKind, "source"));
    };
  });

  const bring = (days?: string[], more: { timeout?: number } = {}) => {
    const settings = {
      client: openArxiv(orm, { ...arxiv, userAgent: "gradus", timing: time }),
      list: { url: lists.url, userAgent: "gradus", timing: time, ...more },
      now: time.now,
    };
    return days ? importDays(orm, settings, days) : importDaily(orm, settings);
  };
  const read = async (arxivId: string) =>
    (await orm.select().from(papers).where(eq(papers.arxivId, arxivId)))[0];
  const state = async () =>
    (await orm.select().from(ingestState).where(eq(ingestState.source, "hugging-face")))[0];

  test("papers that are here are marked, others fetched from arXiv, and those out of scope left out", async () => {
    const before = await read(SEED);
    expect(await bring()).toEqual({ added: 1, updated: 0 });
    expect(await read(SEED)).toEqual({
      ...before,
      externalUpvotes: 12,
      projectUrl: "https://ada.example/",
      codeUrl: before.codeUrl ?? "https://github.com/evil/other",
    });
    expect(await read("2611.10001")).toMatchObject({
      title: "Paper 2611.10001",
      abstractKind: "source",
      externalUpvotes: 5,
      codeUrl: "https://github.com/ada/steps",
      ...{ featuredAt: null, hot: null, votesCount: 0 },
    });
    expect(await read("2611.20000")).toBeUndefined();
    expect((await state()).cursor).toEqual({ through: "2026-11-19", pending: [] });
    const asked = lists.requests.length;
    expect(await bring()).toEqual({ added: 0, updated: 0 });
    expect(lists.requests).toHaveLength(asked);
    expect(lists.requests).toEqual(["/api/daily_papers?date=2026-11-19&limit=100&p=0"]);
  });

  test("votes are brought up to date, and links that are known stay", async () => {
    await bring();
    await orm
      .update(papers)
      .set({ codeUrl: "https://github.com/ada/own", externalUpvotes: 1, title: "A later version" })
      .where(eq(papers.arxivId, "2611.10001"));
    await bring(["2026-11-19"]);
    expect(await read("2611.10001")).toMatchObject({
      title: "A later version",
      codeUrl: "https://github.com/ada/own",
      externalUpvotes: 5,
    });
  });

  test("days that were missed are brought, the last seven at most; those of a range move nothing", async () => {
    await bring(["2026-11-18"]);
    expect((await state()).cursor).toEqual({ through: null, pending: [] });
    expect((await read("2611.10000")).externalUpvotes).toBe(3);
    await bring();
    time.set(new Date("2026-11-30T07:00:00Z"));
    lists.requests.length = 0;
    await bring();
    expect(lists.requests.map((path) => /date=([\d-]+)/.exec(path)?.[1])).toEqual(
      [23, 24, 25, 26, 27, 28, 29].map((day) => `2026-11-${day}`),
    );
  });

  test("a day of 230 papers takes three pages of the list, 3 s apart, and three of arXiv", async () => {
    const began = time.now().getTime();
    expect(await bring(["2026-11-01"])).toEqual({ added: 230, updated: 0 });
    expect(lists.requests).toHaveLength(3);
    expect(arxiv.requests).toHaveLength(3);
    expect(time.now().getTime() - began).toBeGreaterThanOrEqual(2 * 3000);
    expect((await read("2611.10239")).externalUpvotes).toBe(229);
  });

  test("while arXiv is away the marks are there and the others wait", async () => {
    mood = { status: 503 };
    await bring();
    expect((await read(SEED)).externalUpvotes).toBe(12);
    expect(await state()).toMatchObject({
      okAt: null,
      error: expect.stringContaining("arXiv is not available"),
      cursor: { through: "2026-11-19", pending: [{ arxivId: "2611.10001" }, {}, {}] },
    });
    mood = "well";
    expect(await bring()).toEqual({ added: 1, updated: 0 });
    expect(lists.requests).toHaveLength(1);
    expect(await state()).toMatchObject({ error: null, cursor: { pending: [] } });
  });

  test.each<[ListMood, string]>([
    [429, "status 429"],
    [500, "status 500"],
    ["html", "the answer is no JSON"],
    ["object", "the answer is no list"],
    ["stalled", "no answer within 1500 ms"],
    ["endless", "the answer has more than 20971520 bytes"],
    ["redirect", "status 302"],
  ])(
    "a list that is answered with %s is asked for again at the next run, and arXiv is not asked",
    async (wrong, words) => {
      lists.mood = wrong;
      await bring(undefined, wrong === "stalled" ? { timeout: 1500 } : {});
      expect(await state()).toMatchObject({ okAt: null, error: words, errorAt: time.now() });
      expect([lists.requests.length, arxiv.requests.length]).toEqual([1, 0]);
      if (typeof wrong === "number") await expect(bring(["2026-11-18"])).rejects.toThrow(HuggingFaceError);
      lists.mood = "well";
      expect(await bring()).toEqual({ added: 1, updated: 0 });
    },
  );
});
