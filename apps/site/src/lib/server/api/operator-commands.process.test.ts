// `gradus operator`, the program as an operator starts it, against the API of a site.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestTurns } from "../database/schema/index.ts";
import { endOutage, noteOutage } from "../ingestion/arxiv/outage.ts";
import { HOST } from "../ingestion/arxiv/turns.ts";
import { api } from "./app.ts";
import { type Account, openOperatorSite, PAPERS, SEEDED } from "./test-operator.ts";

const program = fileURLToPath(new URL("../../../../../cli/bin/gradus.js", import.meta.url));

let site: Awaited<ReturnType<typeof openOperatorSite>>;
let server: Server;
let origin: string;
let administrator: Account;
let moderator: Account;
beforeAll(async () => {
  site = await openOperatorSite();
  administrator = await site.account("administrator", "administrator");
  moderator = await site.account("moderator", "moderator");
  server = createServer(async (request, response) => {
    const { method = "GET", url = "/", headers } = request;
    const body = method === "GET" ? undefined : await text(request);
    const { authorization = "", "content-type": type = "" } = headers;
    const sent = { method, body, headers: { authorization, "content-type": type } };
    const answer = await api.request(`${origin}${url}`, sent, {});
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  origin = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  server?.close();
  await site?.close();
});

/** Carries out a command line, its words separated by spaces. */
async function operator(line: string, { token } = administrator) {
  const child = spawn(process.execPath, [program, "operator", ...line.split(" ").filter(Boolean)], {
    env: { ...process.env, GRADUS_SITE: origin, GRADUS_TOKEN: token, COLUMNS: "120", TZ: "UTC" },
  });
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  // Messages are wrapped to the width of a terminal.
  return { status, out, err: err.replace(/\s+/g, " ").trim() };
}

const succeeds = async (line: string, as?: Account): Promise<string> => {
  const { status, out, err } = await operator(line, as);
  expect({ line, status, err }).toEqual({ line, status: 0, err: "" });
  return out;
};

describe("gradus operator", () => {
  test("shows what waits, and each section's list in a table", async () => {
    await expect.poll(() => succeeds("")).toMatch(/^1 failing job +http:\S+\/operator\/jobs$/m);
    expect(await succeeds("", moderator)).toMatch(
      /^2 open flags to review +http:\S+\/operator\/moderation$/m,
    );
    const papers = await succeeds("papers");
    expect(papers).toMatch(/^\d{4}-\d\d-\d\d: 3 new papers, 0 featured$/m);
    expect(papers).toMatch(/^paper +title +categories +closest paper here +state$/m);
    expect(papers).toMatch(/^2611\.00001 +Paper 2611\.00001 +math\.OC cs\.LG/m);
    expect(papers).toContain("This paper was withdrawn.");
    expect(await succeeds("papers --day 2001-01-01")).toContain("No new papers on this day.");
    expect(await succeeds("moderation")).toMatch(/^ +1 +votes +2026-11-20 12:00 +20 new accounts +http:/m);
    expect(await succeeds("reports")).toMatch(
      /^ +1 +2412\.08424 steps, quick, seed 1 +0 of 0 +2026-11-20 12:00 +published, text pending +Ran well\./m,
    );
    expect(await succeeds("accounts")).toBe("No accounts found.\n");
    expect(await succeeds(`accounts --voted-for ${SEEDED}`)).toMatch(
      /^[0-9a-f-]{36} +sender@readers\.example +reader +1 +2026-11-20 12:00$/m,
    );
    const mail = await succeeds("mail");
    expect(mail).toMatch(/^0 messages waiting, 0 sent today \(UTC\)\.$/m);
    expect(mail).toMatch(/^ +1 +sign-in +f•••@e•••\.net .+given up 2026-11-20 12:00, can be retried$/m);
    expect(mail).toContain(site.suppressed);
    const jobs = await succeeds("jobs");
    expect(jobs).toMatch(/^maintenance +Search index$/m);
    expect(jobs).toMatch(/^digest-tick +Digests +\d{4}-/m);
    expect(jobs).toMatch(/^digest-tick +\d{4}-\S+ \S+ +.*broken +1, next try \d{4}-\S+ \S+$/m);
    expect(jobs).toMatch(/^digest-tick +Digests +\d{4}-\S+ \S+ +next try \d{4}-\S+ \S+$/m);
    expect(jobs).not.toContain("arXiv");
    const at = new Date();
    await noteOutage(site.orm, { at, reason: "arXiv answered 503" });
    await site.orm.insert(requestTurns).values({ host: HOST, nextAt: new Date(at.getTime() + 1_200_000) });
    expect(await succeeds("jobs")).toMatch(
      /^A request to arXiv failed at \d{4}-\S+ \S+ \(arXiv answered 503\); next try \d{4}-\S+ \S+\.$/m,
    );
    await endOutage(site.orm);
    expect(JSON.parse(await succeeds("jobs --json"))).toMatchObject({
      jobs: [{ id: "maintenance" }, {}, {}],
    });
  });

  test("carries out decisions of each section, one line each, and says which the site refuses", async () => {
    const [first, second, withdrawn] = PAPERS;
    expect(await succeeds(`papers --feature ${first} --hide ${second}`, moderator)).toBe(
      `${first}: Featured.\n${second}: Hidden.\n`,
    );
    expect(await operator(`papers --feature ${withdrawn} --feature ${first} --restore ${second}`)).toEqual({
      status: 3,
      out: `${second}: Restored.\n`,
      err: `${withdrawn}: This paper was withdrawn. ${first}: Nothing to change: somebody may have decided already.`,
    });
    const { report, message } = site.ids;
    const { suppressed, sender } = site;
    const cases: [line: string, said: string][] = [
      ["moderation --close 1", "1: Closed.\n"],
      [`reports --publish-note ${report}`, `${report}: Text published.\n`],
      [
        `reports --hide-note ${report} --hide ${report}`,
        `${report}: Text hidden.\n${report}: Report hidden.\n`,
      ],
      [`reports --restore ${report}`, `${report}: Report restored.\n`],
      [`accounts --suspend ${sender.id}`, `${sender.id}: Suspended.\n`],
      [`accounts --restore ${sender.id}`, `${sender.id}: Restored.\n`],
      [`mail --retry ${message}`, `${message}: The message will be sent in a moment.\n`],
      [`mail --allow ${suppressed}`, `${suppressed}: Mail to this address is allowed again.`],
      ["jobs --run maintenance", "maintenance: Search index will run in a moment.\n"],
    ];
    for (const [line, said] of cases) expect(await succeeds(line)).toContain(said);
    const { status, out, err } = await operator("jobs --json --run maintenance --run nothing");
    expect([status, err]).toEqual([3, ""]);
    expect(JSON.parse(out)).toEqual([
      { decision: "run", id: "maintenance", done: true, message: "Search index will run in a moment." },
      { decision: "run", id: "nothing", done: false, message: "This site has no such job." },
    ]);
  });

  test("says in a sentence what is wrong", async () => {
    const reader = await site.account("reader");
    const other = await site.account("other", "administrator", ["votes"]);
    const cases: [line: string, as: Account, status: number, said: string][] = [
      ["", reader, 3, `${origin} does not show this to the account of GRADUS_TOKEN`],
      ["mail", moderator, 3, "does not show this"],
      ["jobs", other, 3, "The access token is not valid, or its scopes lack “operator”"],
      ["papers --day tomorrow", administrator, 3, "“day” must be a date such as 2025-12-25"],
      ["jobs --run maintenance", moderator, 3, "maintenance: /api/v1/operator/jobs does not exist"],
      ["papers --day 2026-11-20 --hide 1", administrator, 2, "--day is for lists"],
      ["paper", administrator, 2, "Did you mean papers?"],
      ["papers --featur 1", administrator, 2, "Did you mean --feature?"],
      ["jobs --site http://127.0.0.1:9", administrator, 3, "http://127.0.0.1:9 cannot be reached"],
      ["jobs --site http://papers.example.org", administrator, 2, "--site must be https"],
      ["jobs", { ...administrator, token: "" }, 2, "operator needs an access token in GRADUS_TOKEN"],
    ];
    for (const [line, as, status, said] of cases) {
      const ended = await operator(line, as);
      expect({ line, status: ended.status, out: ended.out }).toEqual({ line, status, out: "" });
      expect(ended.err).toContain(said);
    }
  });
});
