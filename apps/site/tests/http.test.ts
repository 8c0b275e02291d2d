import { describe, expect, test } from "vitest";
import seed from "../src/lib/server/papers/seed/seed-papers.json" with { type: "json" };
import { startServer } from "./server.ts";
import { origin } from "./shared.ts";

/** The seed's own moment. */
const CLOCK = { GRADUS_NOW: "2025-12-25T12:00:00Z", GRADUS_ALLOW_CLOCK: "1", TZ: "Pacific/Kiritimati" };
const PAPER = "/papers/2412.08424";
/** Starts take seconds each, and many where much else is going on. */
const SEVERAL_STARTS = 300_000;

const get = (path: string, init?: RequestInit) => fetch(`${origin}${path}`, { redirect: "manual", ...init });
const page = async (path: string) => (await get(path)).text();
const textOf = (html: string) =>
  html
    .replace(/<!--.*?-->/gs, "")
    .replace(/<script.*?<\/script>/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
    // A name is a link, the comma after it is not.
    .replaceAll(" , ", ", ");
/** The feed's entries as HTML, in order. */
const entries = (html: string) => [...html.matchAll(/<article.*?<\/article>/gs)].map(([entry]) => entry);
const title = (html: string) =>
  /<h2[^>]*><a[^>]*>(.*?)<\/a><\/h2>/s
    .exec(html)?.[1]
    .replace(/<!--.*?-->/g, "")
    .replaceAll("&#39;", "'");

describe("the feed", () => {
  test("lists the seed's 21 papers in the seed's order", async () => {
    const html = await page("/papers");
    expect(entries(html).map(title)).toEqual(seed.map((paper) => paper.title));
    expect(textOf(html)).toContain("Thursday, December 25, 2025");
  });

  test("labels authors and dates as the specification has them, in whatever zone the server stands", async () => {
    const texts = entries(await page("/papers")).map(textOf);
    expect(texts[0]).toMatch(/Andrei Semenov, Martin Jaggi, Nikita Doikov · 3 authors · Jun 16 ·/);
    expect(texts[1]).toMatch(/Ming Li, Sho Sonoda, Feilong Cao and 2 more · 5 authors · Aug 19, 2020/);
    expect(texts[2]).toMatch(/3 authors · Oct 8, 2019/);
    expect(texts[11]).toMatch(/Alexander Tyurin · 1 author · Dec 11, 2024/);
  });

  test("is narrowed by a plain link, and says what is wrong with a wrong parameter", async () => {
    const html = await page("/papers/date/2025-12-25?runnable=1");
    const shown = entries(html);
    expect(shown).toHaveLength(21);
    for (const entry of shown) expect(entry).toContain("Run claims");
    expect(entries(await page("/papers?runnable=yes"))).toHaveLength(21);
    expect(textOf(await page("/papers?runnable=yes"))).toContain("It was ignored");
    expect(entries(await page("/papers?unknown=1"))).toHaveLength(21);
  });

  test("an empty day leads to the nearest day with papers", async () => {
    const response = await get("/papers/date/2025-12-23");
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(textOf(html)).toContain("No papers on Tuesday, December 23, 2025");
    expect(html).toContain('href="/papers/date/2025-12-25"');
  });

  test.each(["2025-02-29", "2025-13-01", "25-12-2025", "2025-12-26", "1990-01-01", "today"])(
    "there is no day %s",
    async (day) => {
      const response = await get(`/papers/date/${day}`);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("Page not found");
    },
  );

  test("its address is /papers", async () => {
    const response = await get("/");
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/papers");
  });
});

describe("a paper's page", () => {
  test("has the abstract with its formula, the links, the citation and the claims", async () => {
    const html = await page(PAPER);
    expect(html).toContain('<mi>γ</mi><mo>→</mo><mi mathvariant="normal">∞</mi>');
    for (const link of ["abs", "pdf", "html"])
      expect(html).toContain(`href="https://arxiv.org/${link}/2412.08424"`);
    expect(html).toContain("@misc{tyurin2024logistic,");
    const text = textOf(html);
    for (const claim of ["C1", "C2", "C3", "C4", "C5"]) expect(text).toContain(claim);
    expect(text).toMatch(/\d of 5 claims held|not run yet/);
  });

  test("tells machines what it is", async () => {
    const html = await page(PAPER);
    expect(html).toContain('<meta name="citation_author" content="Alexander Tyurin"/>');
    expect(html).toContain('<meta name="citation_publication_date" content="2024/12/11"/>');
    expect(html).toContain('<meta name="citation_pdf_url" content="https://arxiv.org/pdf/2412.08424"/>');
    expect(html).toContain(`<link rel="canonical" href="${origin}${PAPER}"/>`);
    const article = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(html)?.[1] ?? "");
    expect(article).toMatchObject({ "@type": "ScholarlyArticle", identifier: "arXiv:2412.08424" });
    expect(article.abstract).toContain("γ → ∞");
  });

  test("addresses: versions are noted, other spellings and names redirect, the unknown is not found", async () => {
    const versioned = await get("/papers/2412.08424v2");
    expect(versioned.status).toBe(200);
    expect(textOf(await versioned.text())).toContain("The text of version 2 is not available here");
    const spelled = await get("/papers/arXiv:2412.08424");
    expect(spelled.status).toBe(301);
    expect(spelled.headers.get("location")).toBe(PAPER);
    const named = await get("/papers/normalized-logistic-gd");
    expect(named.status).toBe(301);
    expect(named.headers.get("location")).toBe(PAPER);
    for (const unknown of [
      "/papers/2412.99999",
      "/papers/nonsense",
      "/papers/math/0611800",
      "/papers/2412.08424v0",
    ])
      expect((await get(unknown)).status).toBe(404);
  });
});

describe("what every response carries", () => {
  const isolated = (response: Response) => {
    expect(response.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(response.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    expect(response.headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
    expect(response.headers.get("strict-transport-security")).toMatch(/^max-age=\d{8}/);
    expect(response.headers.get("permissions-policy")).toMatch(/^(?:[a-z-]+=\(\)(?:, )?)+$/);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  };

  test("isolation and a policy, on pages, errors, redirects and files", async () => {
    const html = await page("/papers");
    const file = /href="(\/_app\/immutable\/[^"]+\.js)"/.exec(html.replaceAll('href="./', 'href="/'))?.[1];
    expect(file).toBeDefined();
    for (const path of ["/papers", PAPER, "/nowhere", "/", "/favicon.svg", `${file}`, "/_app/nothing.js"])
      isolated(await get(path));
  });

  test("the policy of pages is the specification's, with a nonce of its own each time", async () => {
    const policies = await Promise.all(
      ["/papers", "/papers", PAPER, "/nowhere"].map(
        async (path) => (await get(path)).headers.get("content-security-policy") ?? "",
      ),
    );
    const nonces = policies.map((policy) => /'nonce-([\w+/]{22}==)'/.exec(policy)?.[1] ?? "");
    expect(nonces).not.toContain("");
    expect(new Set(nonces).size).toBe(nonces.length);
    for (const [i, policy] of policies.entries()) {
      const directives = policy.split(";").map((directive) => directive.trim().split(/\s+/));
      const sorted = directives.map(([name, ...sources]) => [name, sources.sort()] as const);
      expect(Object.fromEntries(sorted)).toEqual({
        "default-src": ["'none'"],
        "script-src": [`'nonce-${nonces[i]}'`, "'self'", "'wasm-unsafe-eval'"],
        "style-src": [`'nonce-${nonces[i]}'`, "'self'"],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
      });
    }
  });

  test("files that never change are kept for a year; pages are asked for again", async () => {
    const html = await page("/papers");
    const file = /"\.?(\/_app\/immutable\/[^"]+\.css)"/.exec(html)?.[1];
    expect((await get(`${file}`)).headers.get("cache-control")).toContain("immutable");
    expect((await get("/papers")).headers.get("cache-control")).toBe("no-cache");
  });
});

test("a second server on the same folder is refused; one that was killed is recovered, and says so", {
  timeout: SEVERAL_STARTS,
}, async () => {
  const own = await startServer({ environment: CLOCK });
  try {
    await expect(startServer({ environment: CLOCK, folder: own.folder })).rejects.toThrow(
      "is open in process",
    );
    expect(await own.stop()).toBe(0);
    const again = await startServer({ environment: CLOCK, folder: own.folder });
    const seconds = [own, again].map(({ startMilliseconds }) => (startMilliseconds / 1000).toFixed(1));
    console.log(`first start ${seconds[0]} s (to be 30), later start ${seconds[1]} s (to be 5)`);
    expect(again.log()).not.toContain("recovered");
    expect(again.log()).not.toContain("seed papers");
    expect(await again.stop("SIGKILL")).toBeNull();
    const after = await startServer({ environment: CLOCK, folder: own.folder });
    expect(after.log()).toContain("recovered");
    expect(entries(await (await fetch(`${after.origin}/papers`)).text())).toHaveLength(21);
    expect(await after.stop()).toBe(0);
  } finally {
    own.remove();
  }
});

test.each([
  [{ GRADUS_SECRET: "" }, "GRADUS_SECRET and GRADUS_SECRET_FILE are not set"],
  [
    { GRADUS_SECRET: "replace-this-sample-by-32-random-bytes-in-base64" },
    "GRADUS_SECRET is the public sample",
  ],
  [{ GRADUS_SECRET: "c2hvcnQ=" }, "GRADUS_SECRET is too short"],
])("production does not start with %o", async (environment, words) => {
  await expect(startServer({ environment: { ...CLOCK, ...environment } })).rejects.toThrow(words);
});

test("a pinned clock is refused in production unless it is allowed", async () => {
  const { GRADUS_ALLOW_CLOCK: _, ...refused } = CLOCK;
  await expect(startServer({ environment: refused })).rejects.toThrow("GRADUS_ALLOW_CLOCK=1");
});

describe("what machines ask for", () => {
  test("crawlers learn what to leave out and which pages there are, each of which answers", async () => {
    const robots = await page("/robots.txt");
    expect(robots).toMatch(/^User-agent: \*$/m);
    expect(robots).toMatch(/^Disallow: \/runs$/m);
    expect(robots).toContain(`Sitemap: ${origin}/sitemap.xml`);
    const addresses = [...(await page("/sitemap.xml")).matchAll(/<loc>(.*?)<\/loc>/g)].map(([, url]) => url);
    for (const { arxivId } of seed) expect(addresses).toContain(`${origin}/papers/${arxivId}`);
    expect(addresses).toContain(`${origin}/papers/date/2025-12-25`);
    for (const address of addresses.filter((_, i) => i % 9 === 0))
      expect((await fetch(address, { redirect: "manual" })).status, address).toBe(200);
  });

  test("there is an icon under the name that browsers try", async () => {
    const response = await get("/favicon.ico");
    expect(response.status).toBe(200);
    // ICO: reserved 0, type 1, three images.
    expect([...new Uint8Array(await response.arrayBuffer()).slice(0, 6)]).toEqual([0, 0, 1, 0, 3, 0]);
  });

  test("an address with a NUL is that of no paper", async () => {
    for (const address of [`${PAPER}%00`, `${PAPER}v%00`]) expect((await get(address)).status).toBe(404);
  });

  test("a shared link has a picture, and papers that are not here have none", async () => {
    const [, address] = /property="og:image" content="([^"]+)"/.exec(await page(PAPER)) ?? [];
    const response = await fetch(address);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("image/png");
    const png = Buffer.from(await response.arrayBuffer());
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630]);
    for (const id of ["2412.99999", "%00"]) expect((await get(`/previews/${id}.png`)).status).toBe(404);
  });
});
