import { describe, expect, test } from "vitest";
import seed from "../src/lib/server/papers/seed/seed-papers.json" with { type: "json" };
import { apiOf, operationsOf, readsOf } from "./api-client.ts";
import { checkAtom, checkJsonFeed, checkRss } from "./feed-reader.ts";
import { origin } from "./shared.ts";

const api = apiOf(origin);

const status = async (path: string) => (await api.get(path)).status;
const text = async (path: string, headers = {}) => (await api.get(path, headers)).text();
const ids = seed.map(({ arxivId }) => arxivId);

describe("the calendar", () => {
  test.each([
    ["week=2026-W53", 200],
    ["week=2025-W53", 400],
    ["date=2025-02-29", 400],
    ["date=2025-12-25", 200],
    ["month=2025-13", 400],
    ["date=2025-12-24", 200],
    ["date=2025-12-26", 400],
    ["date=2025-12-24&week=2025-W52", 400],
  ])("%s is %i", async (query, wanted) => {
    expect(await status(`/api/v1/papers?${query}`)).toBe(wanted);
    expect(await status(`/api/daily_papers?${query}`)).toBe(wanted);
  });
});

test.each([
  ["papers?limit=0", "“limit” must be an integer from 1 to 100, got “0”."],
  ["papers?min_votes=-1", "“min_votes” must be an integer from 0 to 1000000, got “-1”."],
  ["papers?sort=best", "“sort” must be one of top, trending, new, got “best”."],
  ["papers?date=2025-02-30", "“date” must be a date such as 2025-12-25, got “2025-02-30”."],
  ["papers?date=2026-01-01", "“date” must not be after today, 2025-12-25, got “2026-01-01”."],
  ["papers?topic=convex&topic=No+Slug", "“topic” must be the slug of a topic, got “No Slug”."],
  ["search?q=newton&from=soon", "“from” must be a date such as 2025-12-25, got “soon”."],
  [`days?limit=${"9".repeat(50)}`, `“limit” must be an integer from 1 to 366, got “${"9".repeat(40)}…”.`],
])("/api/v1/%s is told what is wrong with it", async (query, message) => {
  const response = await api.get(`/api/v1/${query}`);
  expect(response.status).toBe(400);
  const [, field] = /“(\w+)”/.exec(message) ?? [];
  expect(await response.json()).toEqual({ error: { code: "invalid_parameter", message, field } });
});

describe("lists", () => {
  test("cursors and the Link field lead through the seed in its order", async () => {
    const found: string[] = [];
    let path: string | undefined = "/api/v1/papers?date=2025-12-25&limit=8";
    while (path) {
      const response: Response = await api.get(path);
      const page = await response.json();
      found.push(...page.papers.map(({ id }: { id: string }) => id));
      expect(page.total).toBe(21);
      const [, next] = /^<(.*)>; rel="next"$/.exec(response.headers.get("link") ?? "") ?? [];
      expect(Boolean(next)).toBe(page.next_cursor !== null);
      path = next?.slice(origin.length);
    }
    expect(found).toEqual(ids);
  });

  test("are narrowed by topics, either of them, and to papers that run", async () => {
    const listed = async (query: string) => {
      const { papers } = JSON.parse(await text(`/api/v1/papers?sort=top&${query}`));
      return papers.map(({ id }: { id: string }) => ids.indexOf(id) + 1);
    };
    expect(await listed("topic=coordinate-descent&topic=derivative-free")).toEqual([10, 18]);
    expect(await listed("min_votes=1")).toEqual([]);
    const running = await listed("runnable=1");
    expect(running.length).toBeGreaterThan(0);
    expect(running.length).toBeLessThanOrEqual(21);
  });

  test("other spellings of an identifier name the same paper", async () => {
    for (const id of ["2412.08424v1", "arXiv:2412.08424", "ARXIV:2412.08424"])
      expect(await api.json(`/api/v1/papers/${id}`)).toMatchObject({ id: "2412.08424" });
  });

  test("related papers of the seed are mutual neighbors", async () => {
    for (const [a, b] of [
      [5, 16],
      [10, 12],
    ]) {
      const first = async (order: number) => {
        const { related } = JSON.parse(await text(`/api/v1/papers/${ids[order - 1]}/related`));
        return ids.indexOf(related[0].paper.id) + 1;
      };
      expect([await first(a), await first(b)]).toEqual([b, a]);
    }
  });
});

describe("a search", () => {
  test("of 250 characters works, one of 251 is refused by name", async () => {
    expect(await status(`/api/v1/search?q=${encodeURIComponent("ö".repeat(250))}`)).toBe(200);
    const refused = await api.get(`/api/v1/search?q=${encodeURIComponent("ö".repeat(251))}`);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({
      error: {
        code: "query_too_long",
        message: "“q” must have at most 250 characters, got 251.",
        field: "q",
      },
    });
    expect(await status(`/api/papers/search?q=${"x".repeat(251)}`)).toBe(400);
    for (const empty of ["", "?q=", "?q=%20%E2%80%8B"])
      expect(await api.json(`/api/papers/search${empty}`), empty).toEqual([]);
    for (const wrong of ["p=-1", "p=x", "sort=upside-down"])
      expect(await status(`/api/papers/search?q=newton&${wrong}`), wrong).toBe(400);
    expect(await api.json("/api/papers/search?q=newton&p=9")).toEqual([]);
    expect(await status("/api/v1/search")).toBe(400);
    expect(await status("/api/v1/search?q=%20%E2%80%8B")).toBe(400);
  });

  test("finds papers by words, by identifier and between days, and goes on by its cursor", async () => {
    const [spectrum] = JSON.parse(await text("/api/v1/search?q=spectrum+of+the+hessian&limit=2")).papers;
    expect(spectrum.id).toBe(ids[10]);
    const found = JSON.parse(await text("/api/v1/search?q=neural+network&limit=2"));
    const rest = JSON.parse(
      await text(`/api/v1/search?q=neural+network&limit=2&cursor=${found.next_cursor}`),
    );
    expect(rest.papers[0].id).not.toBe(found.papers[0].id);
    expect(rest.total).toBe(found.total);
    expect(await api.json("/api/v1/search?q=arXiv:1806.07572v4")).toMatchObject({
      identifier: "1806.07572",
      total: 1,
    });
    const between = JSON.parse(await text("/api/v1/search?q=neural+network&from=2018-01-01&to=2018-12-31"));
    for (const { published_at: published } of between.papers) expect(published.slice(0, 4)).toBe("2018");
  });

  test("for nonsense offers words; whatever the bytes, it never fails", async () => {
    expect(await api.json("/api/v1/search?q=asdfghjkl+qwerty")).toMatchObject({ papers: [], total: 0 });
    for (const q of [
      "%00",
      "%FF%FE",
      "%ED%A0%80",
      "'",
      '"',
      "-",
      "-(",
      ":*%26|!",
      "%27%29%3B--",
      "a".repeat(250),
    ])
      expect(await status(`/api/v1/search?q=${q}`), q).toBeLessThan(500);
  });
});

describe("the routes of Hugging Face", () => {
  test("list the daily papers in a bare array of their shape", async () => {
    const papers = JSON.parse(await text("/api/daily_papers?date=2025-12-25"));
    expect(papers.map(({ paper }: { paper: { id: string } }) => paper.id)).toEqual(ids);
    const { gradus, ...item } = papers[11];
    expect(item).toEqual({
      paper: {
        id: "2412.08424",
        authors: [{ _id: expect.stringMatching(/^[0-9a-f]{24}$/), name: "Alexander Tyurin", hidden: false }],
        publishedAt: "2024-12-11T00:00:00.000Z",
        submittedOnDailyAt: "2025-12-25T00:00:09.000Z",
        title: seed[11].title,
        summary: expect.stringContaining("γ → ∞"),
        upvotes: 0,
        discussionId: null,
        projectPage: null,
        githubRepo: null,
      },
      title: seed[11].title,
      summary: expect.stringContaining("γ → ∞"),
      upvotes: 0,
      publishedAt: "2025-12-25T00:00:09.000Z",
      submittedBy: null,
      thumbnail: null,
      numComments: 0,
      isAuthorParticipating: false,
    });
    expect(gradus).toMatchObject({ runnable: true, claims: { total: 5 } });
  });

  test("give pages, an empty array past the end and for days without papers", async () => {
    const page = async (query: string) => JSON.parse(await text(`/api/daily_papers?${query}`));
    expect((await page("limit=20&p=1")).map(({ paper }: { paper: { id: string } }) => paper.id)).toEqual([
      ids[20],
    ]);
    expect(await page("p=7")).toEqual([]);
    expect(await page("date=2025-12-24")).toEqual([]);
    expect(await page("week=2026-W53")).toEqual([]);
    expect(await page("submitter=nobody")).toEqual([]);
    expect(await page("sort=trending&limit=1")).toHaveLength(1);
    for (const query of ["limit=0", "limit=101", "p=-1", "sort=top", "date=yesterday"])
      expect(await status(`/api/daily_papers?${query}`), query).toBe(400);
    expect(await status("/api/papers/search?q=newton&limit=120")).toBe(200);
    expect(await status("/api/papers/search?q=newton&limit=121")).toBe(400);
  });

  test("give a paper by itself, with its own fields at the top", async () => {
    const paper = JSON.parse(await text("/api/papers/2412.08424"));
    expect(paper).toMatchObject({
      id: "2412.08424",
      title: seed[11].title,
      publishedAt: "2024-12-11T00:00:00.000Z",
      submittedOnDailyAt: "2025-12-25T00:00:09.000Z",
      upvotes: 0,
      source: "arxiv",
      linkedModels: [],
      linkedDatasets: [],
      linkedSpaces: [],
      numTotalModels: 0,
      numTotalDatasets: 0,
      numTotalSpaces: 0,
      gradus: { runnable: true },
    });
    const missing = await api.get("/api/papers/2501.99999");
    expect(missing.status).toBe(404);
    expect(await missing.json()).toEqual({ error: "Paper '2501.99999' not found." });
    expect(missing.headers.get("x-error-message")).toBe("Paper '2501.99999' not found.");
  });

  test("give the page as Markdown, by its ending and by what is asked for", async () => {
    const response = await api.get("/papers/2412.08424.md");
    expect(response.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    const markdown = await response.text();
    expect(markdown).toMatch(/^# From Logistic Regression to the Perceptron Algorithm/);
    expect(markdown).toContain("$\\gamma \\to \\infty$");
    for (const claim of ["C1", "C2", "C3", "C4", "C5"]) expect(markdown).toContain(`| ${claim} | `);
    expect(markdown).toContain("@misc{tyurin2024logistic,");
    const asked = await api.get("/papers/2412.08424", { accept: "text/markdown, text/html;q=0.9" });
    expect(asked.headers.get("vary")).toMatch(/\bAccept\b/);
    expect(await asked.text()).toBe(markdown);
    for (const accept of ["text/html", "*/*"]) {
      const page = await api.get("/papers/2412.08424", { accept });
      expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(page.headers.get("vary")).toMatch(/\bAccept\b/);
    }
    expect(await status("/papers/2501.99999.md")).toBe(404);
    // More at once than answers are made at once.
    const crowd = Array.from({ length: 12 }, (_, i) =>
      i % 2 === 0
        ? api.get("/papers/2506.13710.md")
        : api.get("/papers/2506.13710", { accept: "text/markdown" }),
    );
    for (const { status: code } of await Promise.all(crowd)) expect(code).toBe(200);
  });
});

describe("the feeds", () => {
  const formats = [
    ["/feed.atom", checkAtom, "application/atom+xml"],
    ["/feed.rss", checkRss, "application/rss+xml"],
    ["/feed.json", checkJsonFeed, "application/feed+json"],
  ] as const;
  const queries = [
    "",
    "?view=day",
    "?view=week&topic=convex",
    "?view=trending&runnable=1",
    "?q=hessian+spectrum&limit=4",
  ];

  test.each(queries)("%s is valid in each format, with the same items", async (query) => {
    const all = await Promise.all(
      formats.map(async ([file, check, type]) => {
        const response = await api.get(`${file}${query}`);
        expect(response.status).toBe(200);
        expect(response.headers.get("content-type")).toBe(`${type}; charset=utf-8`);
        const verdict = check(await response.text());
        expect(verdict.problems).toEqual([]);
        return verdict.ids;
      }),
    );
    expect(all[0].length).toBeGreaterThan(0);
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).toEqual(all[0]);
  });

  test("are valid when they are empty", async () => {
    for (const [file, check] of formats)
      expect(check(await text(`${file}?min_votes=5`))).toEqual({ ids: [], problems: [] });
  });

  test("that did not change are 304, by their tag and by their date", async () => {
    for (const [file] of formats)
      for (const path of [file, `${file}?min_votes=5`]) {
        const { headers } = await api.get(path);
        const tag = headers.get("etag") ?? "";
        const date = headers.get("last-modified") ?? "";
        expect((await api.get(path, { "if-none-match": tag })).status).toBe(304);
        expect((await api.get(path, { "if-modified-since": date })).status).toBe(304);
        expect((await api.get(path, { "if-modified-since": date, "if-none-match": '"x"' })).status).toBe(200);
      }
  });

  test("refuse what they cannot give", async () => {
    for (const query of [
      "view=year",
      "limit=101",
      "topic=nothing",
      "sort=relevance",
      "q=newton&sort=top",
      "min_votes=x",
    ])
      expect(await status(`/feed.atom?${query}`), query).toBe(400);
  });

  test("are named in the head of the lists' pages, at addresses that answer", async () => {
    for (const page of ["/papers", "/papers/week/2025-W52", "/papers/trending?topic=convex"]) {
      const links = [
        ...(await text(page)).matchAll(/<link rel="alternate" type="[^"]+" href="(\/feed[^"]+)"/g),
      ];
      expect(links.length, page).toBeGreaterThanOrEqual(3);
      for (const [, href] of links) expect(await status(href.replaceAll("&amp;", "&")), href).toBe(200);
    }
  });
});

describe("the documentation", () => {
  test("is a page with every operation and every schema, and its commands work", async () => {
    const html = await text("/docs/http");
    const { paths, components } = JSON.parse(await text("/api/openapi.json"));
    const operations = operationsOf({ paths });
    for (const { method, path } of operations) expect(html).toContain(`${method.toUpperCase()} ${path}`);
    for (const name of Object.keys(components.schemas)) expect(html).toContain(`id="schema-${name}"`);
    const commands = [...html.matchAll(/curl '([^']+)'/g)].map(([, address]) =>
      address.replaceAll("&amp;", "&"),
    );
    expect(commands.length).toBeGreaterThanOrEqual(readsOf({ paths }).length);
    for (const address of commands) expect(await status(address.slice(origin.length)), address).toBe(200);
    for (const [, anchor] of html.matchAll(/href="#([^"]+)"/g)) expect(html).toContain(`id="${anchor}"`);
  });

  test("shows of every operation what the site answers to its example, and every problem", async () => {
    const html = (await text("/docs/http")).replaceAll("&quot;", '"').replace(/<!--.*?-->/g, "");
    const samples = [...html.matchAll(/<details[^>]*>.*?<code[^>]*>(.*?)<\/code>/gs)].map(
      ([, sample]) => sample,
    );
    const { paths, components } = JSON.parse(await text("/api/openapi.json"));
    for (const { path } of readsOf({ paths })) {
      const [, section] = html.split(`GET ${path}<`);
      expect(section.split("<h4").slice(0, 4).join(), path).toContain("Example response (shortened)");
    }
    const all = samples.join("\n");
    for (const sign of [`"id": "${ids[0]}"`, `"url": "${origin}/papers/`, "@misc{", "_id", "… 2 more"])
      expect(all).toContain(sign);
    for (const code of components.schemas.Problem.properties.error.properties.code.enum)
      expect(html).toContain(`>${code}</code>`);
  });

  test("is led to from the documentation's own pages, and by the address that the specification has", async () => {
    expect(await text("/docs")).toContain('href="/docs/http"');
    const led = await api.get("/docs/api");
    expect(led.status).toBe(308);
    expect(led.headers.get("location")).toBe("/docs/http");
  });
});
