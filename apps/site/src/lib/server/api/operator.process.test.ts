// What operators see and decide through the API: every response that is documented, against the published schemas.
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { papers, requestTurns, users } from "../database/schema/index.ts";
import { endOutage, noteOutage } from "../ingestion/arxiv/outage.ts";
import { HOST } from "../ingestion/arxiv/turns.ts";
import type { Person } from "../people/sessions.ts";
import { api } from "./app.ts";
import { type Account, NOW, openOperatorSite, PAPERS, SEEDED } from "./test-operator.ts";
import { contractOf, errorOf as error } from "./testing.ts";

const ROOT = "/api/v1/operator";
const ADMINISTRATORS = [`${ROOT}/mail`, `${ROOT}/jobs`];
const { operations, send, expectEveryResponse } = contractOf((path) => path.startsWith(ROOT));

let site: Awaited<ReturnType<typeof openOperatorSite>>;
let administrator: Account;
let moderator: Account;
beforeAll(async () => {
  site = await openOperatorSite();
  administrator = await site.account("administrator", "administrator");
  moderator = await site.account("moderator", "moderator");
});
afterAll(() => site?.close());

const read = async (section: string, { token } = administrator) =>
  (await send("GET", `${ROOT}${section}`, { token })).body;
const jobTimes = z.object({
  jobs: z.array(z.object({ next_at: z.iso.datetime().nullable() })),
  failures: z.array(z.object({ next_at: z.iso.datetime() })),
});
const decide = (section: string, decision: string, id: string, { token } = administrator) =>
  send("POST", `${ROOT}/${section}`, { token, body: { decision, id } });
const setRole = (id: string, role: Person["role"]) =>
  site.orm.update(users).set({ role }).where(eq(users.id, id));

describe("an administrator", () => {
  test("reads what waits, a moderator what they may decide of it", async () => {
    await expect
      .poll(() => read(""))
      .toEqual({
        attention: [
          { text: "2 open flags to review", url: "http://localhost/operator/moderation" },
          { text: "3 new papers to choose from", url: "http://localhost/operator/papers" },
          { text: "1 report text to review", url: "http://localhost/operator/reports" },
          { text: "1 undelivered message to review", url: "http://localhost/operator/mail" },
          { text: "1 failing job", url: "http://localhost/operator/jobs" },
        ],
      });
    expect(await read("", moderator)).toMatchObject({
      attention: [{ text: /flags/ }, { text: /papers/ }, { text: /report text/ }].map(({ text }) => ({
        text: expect.stringMatching(text),
      })),
    });
  });

  test("reads and decides about papers, with any version in their identifiers", async () => {
    const list = await read("/papers");
    expect(list).toMatchObject({ page: 1, pages: 1, total: 3, featured: 0, days: [{ arrived: 3 }] });
    expect(list).toHaveProperty("papers.length", 3);
    expect(list).toMatchObject({
      papers: expect.arrayContaining([
        expect.objectContaining({ id: PAPERS[0], state: "waiting", refusal: null, authors: ["Ada Kovač"] }),
        expect.objectContaining({ id: PAPERS[2], refusal: "This paper was withdrawn.", suggested: false }),
      ]),
    });
    expect(await read("/papers?day=2001-01-01&page=2")).toMatchObject({ day: "2001-01-01", papers: [] });

    const [first, second, withdrawn] = PAPERS;
    const cases: [decision: string, id: string, status: number, message: string][] = [
      ["feature", `${first}v1`, 200, "Featured."],
      ["feature", first, 409, "Nothing to change: somebody may have decided already."],
      ["unfeature", first, 200, "No longer featured."],
      ["unfeature", first, 409, "Nothing to change"],
      ["hide", second, 200, "Hidden."],
      ["feature", second, 422, "This paper was removed by a moderator."],
      ["restore", second, 200, "Restored."],
      ["restore", second, 409, "Nothing to change"],
      ["feature", withdrawn, 422, "This paper was withdrawn."],
      ["feature", "2501.99999", 404, "There is no such paper."],
      ["feature", "nothing", 404, "There is no such paper."],
      // The seed's papers are not for this.
      ["hide", SEEDED, 404, "There is no such paper."],
      ["feature", second, 200, "Featured."],
    ];
    for (const [decision, id, status, message] of cases) {
      const sent = await decide("papers", decision, id, moderator);
      expect([decision, id, sent.status]).toEqual([decision, id, status]);
      expect(JSON.stringify(sent.body)).toContain(message);
    }
    expect(await read("/papers")).toMatchObject({ featured: 1 });
    const [stored] = await site.orm.select().from(papers).where(eq(papers.arxivId, second));
    expect(stored).toMatchObject({ featuredAt: NOW, hidden: false });
    expect(await site.noted()).toEqual(
      ["feature", "unfeature", "hide", "restore", "feature"].map((decision, i) => ({
        actor: moderator.id,
        action: `paper.${decision}`,
        subject: `paper ${i < 2 ? first : second}`,
      })),
    );
  });

  test("reads and closes flags", async () => {
    const flag = { id: expect.stringMatching(/^\d+$/), raised_at: NOW.toISOString() };
    expect(await read("/moderation", moderator)).toEqual({
      flags: [
        { ...flag, kind: "duplicate", subject: "b", summary: "Two alike", url: null },
        {
          ...{ ...flag, kind: "votes", subject: "a", summary: "20 new accounts" },
          url: "http://localhost/papers/a",
        },
      ],
    });
    expect(await decide("moderation", "close", "1", moderator)).toMatchObject({
      ...{ status: 200, body: { message: "Closed." } },
    });
    for (const id of ["1", "0", "-1", "1e0", "9".repeat(40), "nothing"])
      expect(await decide("moderation", "close", id)).toMatchObject({
        ...{ status: 409, body: error("conflict", { message: "This flag is closed already." }) },
      });
    expect(await read("/moderation")).toHaveProperty("flags.length", 1);
  });

  test("reads reports and decides about them and their texts", async () => {
    const { report } = site.ids;
    const state = async () => {
      const list = await read("/reports", moderator);
      expect(list).toMatchObject({ reports: [{ id: report, note: "Ran well.", runtime: "Node 24.21.0" }] });
      return list;
    };
    expect(await state()).toMatchObject({ reports: [{ state: "published", note_state: "pending" }] });
    for (const [decision, message, after] of [
      ["publish-note", "Text published.", { note_state: "published" }],
      ["hide-note", "Text hidden.", { note_state: "hidden" }],
      ["hide", "Report hidden.", { state: "hidden" }],
      ["restore", "Report restored.", { state: "published" }],
    ] as const) {
      expect(await decide("reports", decision, report)).toMatchObject({ status: 200, body: { message } });
      expect(await decide("reports", decision, report)).toMatchObject({
        ...{ status: 409, body: error("conflict") },
      });
      expect(await state()).toMatchObject({ reports: [after] });
    }
    expect((await decide("reports", "hide", "12345")).status).toBe(409);
  });

  test("finds, suspends and restores accounts, as far as the role goes", async () => {
    expect(await read("/accounts")).toEqual({ accounts: [] });
    const { sender } = site;
    const found = { id: sender.id, email: "sender@readers.example", role: "reader", may_suspend: true };
    for (const query of ["address=SENDER%40", `voted_for=${SEEDED}v1`])
      expect(await read(`/accounts?${query}`, moderator)).toMatchObject({ accounts: [found] });
    expect(await decide("accounts", "suspend", sender.id, moderator)).toMatchObject({
      ...{ status: 200, body: { message: "Suspended." } },
    });
    expect(await read("/accounts")).toMatchObject({
      accounts: [{ ...found, suspended_at: NOW.toISOString() }],
    });
    for (const id of [administrator.id, moderator.id, crypto.randomUUID(), "nobody"])
      expect(await decide("accounts", "suspend", id, moderator)).toMatchObject({
        ...{ status: 409, body: error("conflict", { message: "This account cannot be suspended." }) },
      });
    expect((await decide("accounts", "restore", sender.id)).status).toBe(200);
    expect(await decide("accounts", "restore", sender.id)).toMatchObject({
      ...{ status: 409, body: error("conflict", { message: "This account is not suspended." }) },
    });
  });

  test("reads what became of mail, sends a message again, allows an address", async () => {
    const { suppressed } = site;
    const { message: id } = site.ids;
    expect(await read("/mail")).toMatchObject({
      ...{ folder: false, waiting: 0, sent_today: 0, suppressed_count: 1, digests_run_at: null },
      undelivered: [{ id, kind: "sign-in", address: "f•••@e•••.net", may_retry: true, next_at: null }],
      suppressed: [{ id: suppressed, address: null, reason: "bounce", at: NOW.toISOString() }],
      bounces: [{ address: null, kind: "permanent" }],
    });
    for (const [decision, of, message, again] of [
      ["retry", id, "The message will be sent in a moment.", "This message cannot be sent any more."],
      ["allow", suppressed, "Mail to this address is allowed again.", "This address is not suppressed."],
    ]) {
      const done = await decide("mail", decision, of);
      expect(done).toMatchObject({ status: 200, body: { message: expect.stringContaining(message) } });
      for (const other of [of, "nothing"])
        expect(await decide("mail", decision, other)).toMatchObject({
          ...{ status: 409, body: error("conflict", { message: again }) },
        });
    }
    expect(await read("/mail")).toMatchObject({
      waiting: 1,
      undelivered: [{ may_retry: false }],
      suppressed: [],
    });
    await expect.poll(() => site.ran).toContain("mail");
    expect((await site.noted()).slice(-2)).toEqual([
      { actor: administrator.id, action: "mail.retry", subject: `message ${id}` },
      { actor: administrator.id, action: "suppression.lift", subject: `address ${suppressed.slice(0, 12)}` },
    ]);
    expect(JSON.stringify(await read(""))).not.toContain("undelivered");
  });

  test("reads why requests to arXiv wait, and until when", async () => {
    const [at, next] = [new Date(), new Date(Date.now() + 1_200_000)];
    await noteOutage(site.orm, { at, reason: "arXiv answered 503" });
    await site.orm.insert(requestTurns).values({ host: HOST, nextAt: next });
    expect(await read("/jobs")).toMatchObject({
      outage: { failed_at: at.toISOString(), reason: "arXiv answered 503", next_at: next.toISOString() },
    });
    await endOutage(site.orm);
    expect(await read("/jobs")).toMatchObject({ outage: null });
  });

  test("reads how jobs fare and runs one", async () => {
    expect(await read("/jobs")).toMatchObject({
      jobs: [
        { id: "maintenance", label: "Search index", failing: false, succeeded_at: null, failed_at: null },
        { id: "mail", label: "Mail", failing: false },
        { id: "digest-tick", label: "Digests", failing: true, succeeded_at: null, running: false },
      ],
      outage: null,
      failures: [
        { job: "digest-tick", attempts: 1, will_retry: true, reason: expect.stringContaining("broken") },
      ],
    });
    const { jobs, failures } = jobTimes.parse(await read("/jobs"));
    expect(jobs.map(({ next_at }) => next_at)).toEqual([null, null, failures[0].next_at]);
    expect(Date.parse(failures[0].next_at)).toBeGreaterThan(Date.now());
    expect(await decide("jobs", "run", "maintenance")).toMatchObject({
      ...{ status: 200, body: { message: "Search index will run in a moment." } },
    });
    await expect.poll(() => site.ran).toContain("maintenance");
    expect((await site.noted()).at(-1)).toEqual({
      ...{ actor: administrator.id, action: "job.run", subject: "job maintenance" },
    });
    expect(await decide("jobs", "run", "nothing")).toMatchObject({
      ...{ status: 404, body: error("not_found", { message: "This site has no such job.", field: "id" }) },
    });
  });
});

describe("nothing is told or done", () => {
  test("for whoever has no token of the scope, or a token that is none", async () => {
    const others = await site.account("scopes", "administrator", [
      ...(["votes", "submissions", "reports", "subscriptions"] as const),
    ]);
    for (const { path, method, operation } of operations)
      for (const authorization of [
        undefined,
        "Bearer",
        `Bearer gradus_${"a".repeat(43)}`,
        `Basic ${administrator.token}`,
        `Bearer ${others.token}`,
      ]) {
        const headers = authorization === undefined ? undefined : { authorization };
        const body = operation.requestBody ? { decision: "hide", id: "1" } : undefined;
        const refused = await send(method.toUpperCase(), path, { headers, body });
        expect([method, path, authorization, refused.status]).toEqual([method, path, authorization, 401]);
      }
  });

  test("for readers, and beyond what moderators may, by token and by session: the paths do not exist", async () => {
    const reader = await site.account("reader");
    for (const { path, method, operation } of operations)
      for (const account of ADMINISTRATORS.includes(path) ? [reader, moderator] : [reader])
        for (const sent of [
          { token: account.token },
          { environment: { address: "198.51.100.7", person: { id: account.id } } },
        ]) {
          const body = operation.requestBody ? { decision: "hide", id: "1" } : undefined;
          const refused = await send(method.toUpperCase(), path, { ...sent, body });
          expect([method, path, refused.status]).toEqual([method, path, 404]);
          expect(refused.body).toEqual(
            error("not_found", { message: `${path} does not exist; see /api/openapi.json.` }),
          );
        }
  });

  test("for an account that was demoted or suspended since the token was made", async () => {
    const gone = await site.account("gone", "administrator");
    const session = { environment: { address: "198.51.100.8", person: { id: gone.id } } };
    expect((await send("GET", `${ROOT}/jobs`, session)).status).toBe(200);
    const noted = await site.noted();
    await setRole(gone.id, "reader");
    for (const sent of [{ token: gone.token }, session]) {
      expect((await send("GET", `${ROOT}/papers`, sent)).status).toBe(404);
      const body = { decision: "hide", id: PAPERS[0] };
      expect((await send("POST", `${ROOT}/papers`, { ...sent, body })).status).toBe(404);
    }
    await setRole(gone.id, "moderator");
    expect((await decide("jobs", "run", "maintenance", gone)).status).toBe(404);
    await setRole(gone.id, "administrator");
    await site.orm.update(users).set({ suspendedAt: NOW }).where(eq(users.id, gone.id));
    expect((await decide("papers", "hide", PAPERS[0], gone)).status).toBe(401);
    expect((await send("GET", ROOT, session)).status).toBe(404);
    expect(await site.noted()).toEqual(noted);
  });

  test("for bodies and parameters that are malformed", async () => {
    const { token } = administrator;
    for (const { path, method, operation } of operations) {
      if (method === "get") continue;
      const { content = {} } = operation.requestBody ?? {};
      expect(Object.keys(content)).toEqual(["application/json"]);
      for (const body of [
        {},
        { decision: "delete", id: "1" },
        { decision: "hide" },
        { decision: "hide", id: 1 },
        { decision: "hide", id: "1".repeat(101) },
        { decision: "hide", id: "1", actor: administrator.id },
        "[]",
        "{",
      ]) {
        const refused = await send("POST", path, { token, body });
        expect([path, body, refused.status]).toEqual([path, body, 422]);
        expect(refused.body).toEqual(error("invalid_body"));
      }
      const large = await send("POST", path, { token, body: { id: "x".repeat(33_000) } });
      expect(large.status).toBe(413);
      const headers = { "content-type": "text/plain" };
      expect((await send("POST", path, { token, body: "{}", headers })).status).toBe(415);
    }
    for (const [query, field] of [
      ["/papers?day=2026-13-01", "day"],
      ["/papers?page=0", "page"],
      ["/accounts?voted_for=nothing", "voted_for"],
      [`/accounts?address=${"a".repeat(255)}`, "address"],
    ])
      expect(await send("GET", `${ROOT}${query}`, { token })).toMatchObject({
        ...{ status: 400, body: error("invalid_parameter", { field }) },
      });
  });

  test("by another method, without the database, and beyond an address's minute", async () => {
    const { token } = administrator;
    const environment = { address: "203.0.113.9" };
    for (let i = 0; i < 120; i++) await api.request(`${ROOT}/nothing`, {}, environment);
    for (const { path, method, operation } of operations) {
      const verb = method.toUpperCase();
      const body = operation.requestBody ? {} : undefined;
      expect((await send("PROPFIND", path, { token })).status).toBe(405);
      expect((await send(verb, path, { token, body, environment })).status).toBe(429);
      site.setAway(true);
      expect((await send(verb, path, { token, body })).status).toBe(503);
      site.setAway(false);
    }
  });
});

test(
  "every documented response was given, but those that the server gives before the API is asked",
  expectEveryResponse,
);
