// What attackers send from other sites and in fields, on every route that changes something, against the production server.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type AttackedSite,
  formActions,
  PAPER,
  SUBSCRIPTIONS,
  startAttackedSite,
  VOTE,
} from "./attacked-site.ts";
import { FORM } from "./plain-reader.ts";

/** Routes that go by a token alone, from anywhere. */
const BY_TOKEN = /^\/(?:u|hooks)\//;

/** What browsers say of a request that another site made. */
const FOREIGN = (origin: string): Record<string, string>[] => [
  { origin: "https://evil.example" },
  { origin: "null" },
  { origin: `${origin}.evil.example` },
  { origin: origin.replace("http:", "https:") },
  { origin: "null", "sec-fetch-site": "cross-site" },
];

let site: AttackedSite;
beforeAll(async () => {
  site = await startAttackedSite();
});
afterAll(() => site?.[Symbol.asyncDispose]());

describe("another site", () => {
  test("cannot send any form in the name of whoever is signed in", async () => {
    const forms = formActions();
    expect(forms.length).toBeGreaterThan(30);
    const before = await (await site.ada.ask("/account/export")).json();
    for (const { route, path } of forms) {
      if (BY_TOKEN.test(route)) continue;
      for (const who of [site.ada, site.administrator])
        for (const headers of FOREIGN(site.server.origin)) {
          const sent = await who.post(path, { sure: "yes", vote: "cast", email: "a@b.example" }, headers);
          expect([path, headers, sent.status]).toEqual([path, headers, 403]);
        }
    }
    expect(await (await site.ada.ask("/account/export")).json()).toMatchObject({
      ...before,
      sessions: expect.anything(),
    });
    expect((await site.administrator.ask("/operator")).status).toBe(200);
  });

  test("cannot write through the API, whatever it calls its body", async () => {
    for (const { path, method } of site.writes())
      for (const type of ["application/json", "text/plain", FORM]) {
        const headers = { origin: "https://evil.example", "content-type": type, ...site.network() };
        const sent = await site.ada.ask(path, { method, body: "{}", headers });
        expect([method, path, sent.status]).toEqual([method, path, 403]);
        expect(await sent.json()).toMatchObject({ error: { code: "cross_site" } });
        const preflight = await site.api(path, {
          method: "OPTIONS",
          headers: { origin: "https://evil.example", "access-control-request-method": method },
        });
        expect(preflight.headers.get("access-control-allow-methods")).toBe("GET,HEAD,OPTIONS");
      }
    expect(await site.votesFor()).toBe(0);
  });

  test.each([
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "/%2F/evil.example/..//",
    "https://localhost@evil.example",
    "/papers\r\nSet-Cookie: a=b",
  ])("is not where a form leads back to: %j", async (to) => {
    const query = new URLSearchParams({ to });
    const answers = await Promise.all([
      site.ada.post(`/papers/${PAPER}?/mark`, { mark: "read", set: "yes", to }),
      site.ada.post("/followed?/follow", { query: "hessian", to }),
      site.ada.ask(`/sign-in?${query}`),
    ]);
    for (const answer of answers) {
      const location = new URL(answer.headers.get("location") ?? "https://none.example", site.server.origin);
      expect([answer.status, location.origin]).toEqual([303, site.server.origin]);
      expect(answer.headers.getSetCookie().join()).not.toContain("a=b");
    }
  });
});

describe("what is sent", () => {
  /** Texts that no column can keep, or that mean something to somebody. */
  const NASTY = [
    "\0",
    "a\0b",
    "\u{fffe}\u{202e}\u{200b}",
    "\r\nBcc: eve@example.org",
    "'; drop table papers; --",
    "{{7*7}}<script>alert(1)</script>",
    "../../../../etc/passwd\0.md",
    "9".repeat(400),
    "🦉".repeat(300),
  ];
  const FIELDS =
    "email stamp website name scope id mark set vote to query paper code note next file marks day hour tz cadence weekday topics keywords min_votes max_papers action sure account address flag report job List-Unsubscribe".split(
      " ",
    );

  test("no text in any field of any form is a failure of the site", async () => {
    const failures: string[] = [];
    for (const { path } of formActions()) {
      // Whoever signs out or goes is somebody else then.
      if (/signOut|delete/.test(path)) continue;
      for (const text of NASTY) {
        const fields = Object.fromEntries(FIELDS.map((field) => [field, text]));
        const { status } = await site.administrator.post(path, { ...fields, sure: "no" }, site.network());
        if (status >= 500) failures.push(`${path} ${JSON.stringify(text.slice(0, 20))}`);
      }
    }
    expect(failures).toEqual([]);
    expect((await site.administrator.ask("/operator")).status).toBe(200);
  });

  test("no text in any query of any page is a failure of the site", async () => {
    const failures: string[] = [];
    const pages = [...new Set(formActions().map(({ path }) => path.split("?")[0]))];
    for (const page of [...pages, "/papers", "/saved", "/status", "/docs/search"])
      for (const text of NASTY) {
        const names = [
          "q",
          "day",
          "p",
          "to",
          "vote",
          "paper",
          "topic",
          "keyword",
          "address",
          "voted-for",
          "key",
        ];
        const query = new URLSearchParams(names.map((name) => [name, text])).toString();
        const { status } = await site.administrator.ask(`${page}?${query}`, { headers: site.network() });
        if (status >= 500) failures.push(`${page} ${JSON.stringify(text.slice(0, 20))}`);
      }
    expect(failures).toEqual([]);
  });

  test("bodies that are too large, too deep, or no JSON are refused by every write of the API", async () => {
    for (const { path, method } of site.writes()) {
      if (path === VOTE) continue;
      if (method === "DELETE") continue;
      const cases: [string, number[]][] = [
        ["[".repeat(20_000), [404, 422]],
        [`{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`, [404, 422]],
        ['{"__proto__":{"isAdmin":true},"paper":"2611.00001","email":"a@b.example"}', [404, 422]],
        ["{", [404, 422]],
        ["", [404, 422]],
        [`{"note":"${"x".repeat(300_000)}"}`, [404, 413]],
        [`"${"x".repeat(2_000_000)}"`, [404, 413]],
      ];
      for (const [body, wanted] of cases) {
        const sent = await site.send(path, body, method).catch(() => undefined);
        // A connection may be closed while a body that is too large is still on its way.
        if (sent === undefined) expect(body.length).toBeGreaterThan(200_000);
        else
          expect([method, path, body.slice(0, 20), wanted.includes(sent.status)]).toEqual([
            method,
            path,
            body.slice(0, 20),
            true,
          ]);
      }
      const cut = await site.api(path, {
        method,
        body: "email=a@b.example",
        headers: { "content-type": FORM },
      });
      expect([404, 415]).toContain(cut.status);
    }
    expect((await fetch(`${site.server.origin}/readyz`)).status).toBe(200);
  });

  test("forms that are too large are refused, and deep files are none", async () => {
    const large = await site.ada
      .post("/submit?/check", { paper: "x".repeat(600_000) })
      .catch(() => undefined);
    if (large) expect(large.status).toBe(413);
    // The import of accounts alone takes more, and no other form by a similar name.
    const similar = await site.ada
      .post("/account?/rename&/import", { name: "x".repeat(600_000) })
      .catch(() => {});
    if (similar) expect(similar.status).toBe(413);
    // Without a length that says so beforehand.
    const inChunks = (fields: string) =>
      site.ada.ask("/submit?/check", {
        method: "POST",
        body: new Blob([fields]).stream(),
        duplex: "half",
        headers: { "content-type": FORM, origin: site.server.origin },
      } as RequestInit);
    const chunked = await inChunks(`paper=${"x".repeat(600_000)}`);
    expect([chunked.status, await chunked.text()]).toEqual([413, expect.stringContaining("at most 512 kB")]);
    expect(await (await inChunks("paper=nonsense")).text()).toContain("nonsense");
    for (const text of [
      "[".repeat(200_000),
      `{"type":"gradus-account","version":1,"votes":${"[".repeat(100_000)}`,
      '{"__proto__":{}}',
      // What no database can keep.
      ...["\\u0000", "\\ud800"].map(
        (paper) => `{"saved":[{"arxivId":"${paper}","savedAt":"2025-01-01T00:00:00Z"}],"read":[]}`,
      ),
      '{"saved":[],"read":[{"arxivId":"1806.07572","readAt":"0000-01-01T00:00:00Z"}]}',
    ]) {
      const body = new FormData();
      body.set("file", new Blob([text], { type: "application/json" }), "gradus-account.json");
      const sent = await site.ada.ask("/account?/import", {
        method: "POST",
        body,
        headers: { origin: site.server.origin },
      });
      expect(sent.status).toBe(400);
      expect([400, 413]).toContain((await site.ada.post("/saved?/merge", { marks: text })).status);
    }
  });

  test("forms that cannot be read are refused, and are no failure of the site", async () => {
    const bodies = [
      ["text/plain", "vote=cast\r\n"],
      ["multipart/form-data", "no boundary"],
      ["multipart/form-data; boundary=x", "no part"],
      ["application/x-sveltekit-formdata", "{}"],
    ];
    for (const { path } of formActions())
      for (const [type, body] of bodies)
        for (const accept of ["text/html", "*/*"]) {
          const headers = { "content-type": type, origin: site.server.origin, accept };
          const sent = await site.administrator.ask(path, { method: "POST", body, headers });
          expect([path, type, sent.status < 500]).toEqual([path, type, true]);
        }
    expect(site.server.log()).not.toContain('"level":"error"');
  });

  test("of parameters that come twice, or under other names, one counts and none leaks into objects", async () => {
    const own = (body: string) =>
      site.ada.ask(`/papers/${PAPER}?/mark`, {
        method: "POST",
        body,
        headers: { "content-type": FORM, origin: site.server.origin },
      });
    expect(
      (await own("mark=read&mark=saved&set=yes&set=no&__proto__=x&constructor=y&mark[]=loved")).status,
    ).toBe(303);
    const kept = await (await site.ada.ask("/account/export")).json();
    expect([kept.read.length, kept.saved.length]).toEqual([1, 0]);
    const twice = await site.send(
      SUBSCRIPTIONS,
      '{"email":"first@example.org","email":["second@example.org"]}',
    );
    expect(twice.status).toBe(422);
    const paths = [
      `/api/v1/papers?limit=1&limit=100&__proto__[limit]=7&constructor=x`,
      "/api/v1/papers?limit=1",
    ];
    const [polluted, plain] = await Promise.all(paths.map(async (path) => (await site.api(path)).json()));
    expect(polluted.papers).toEqual(plain.papers);
    const named = await site.api(`${VOTE}?userId=1&weight=100&_method=DELETE`, {
      method: "PUT",
      body: '{"weight":100}',
    });
    expect([named.status, await named.json()]).toEqual([200, { votes: 1, voted: true }]);
    expect((await site.api(VOTE, { method: "DELETE" })).status).toBe(200);
  });
});
