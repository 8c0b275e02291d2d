// The first administrator, and the operator's pages, against the production server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { makeAdministratorLink } from "@gradus/database/administrator-link";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeAdministrator, newPerson, type PlainReader, plainReader } from "./plain-reader.ts";
import { startServer, type TestServer } from "./server.ts";
import { startSeeded } from "./shared.ts";

const OPERATOR_PAGES = [
  "/operator",
  "/operator/papers",
  "/operator/moderation",
  "/operator/reports",
  "/operator/accounts",
  "/operator/mail",
  "/operator/jobs",
];
const program = fileURLToPath(new URL("../../cli/bin/gradus.js", import.meta.url));
const EVIL = { origin: "https://evil.example" };

let server: TestServer;
let administrator: PlainReader;
let reader: PlainReader;
beforeAll(async () => {
  server = await startSeeded();
  reader = await newPerson(server, "reader@example.org");
  administrator = await newPerson(server, "administrator@example.org");
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
});

test("a site without an administrator says in which file the link is, and not the link", () => {
  const [, file = ""] =
    /no administrator yet; to become one, open the link in the file (\S+)/.exec(server.log()) ?? [];
  expect(file).toBe(join(server.folder, "administrator-link"));
  const [link] = readFileSync(file, "utf8").split("\n");
  expect(server.log()).not.toContain(link);
});

test("the link makes the account that is signed in the administrator, once", async () => {
  const [link] = readFileSync(join(server.folder, "administrator-link"), "utf8").split("\n");
  expect((await administrator.ask("/administrator")).status).toBe(404);
  expect((await administrator.ask(`${link.slice(0, -43)}${"A".repeat(43)}`)).status).toBe(404);
  const someone = plainReader(server);
  expect((await someone.ask(link)).headers.get("location")).toBe("/administrator");
  const offer = await someone.ask("/administrator");
  expect([offer.headers.get("cache-control"), offer.headers.get("referrer-policy")]).toEqual([
    "no-store",
    "same-origin",
  ]);
  expect(await offer.text()).toContain('href="/sign-in?to=/administrator"');
  expect((await someone.post("/administrator")).headers.get("location")).toBe("/sign-in?to=/administrator");

  expect((await administrator.ask("/operator")).status).toBe(404);
  await administrator.ask(link);
  expect((await administrator.post("/administrator", {}, EVIL)).status).toBe(403);
  await makeAdministrator(server, administrator);
  expect((await administrator.ask("/operator")).status).toBe(200);
  expect(existsSync(join(server.folder, "administrator-link"))).toBe(false);
  expect((await reader.ask(link)).status).toBe(404);
  expect((await someone.ask("/administrator")).status).toBe(404);
});

test("to readers the operator's pages do not exist: no page, no data, no form", async () => {
  for (const path of OPERATOR_PAGES)
    for (const { ask, post } of [plainReader(server), reader]) {
      const page = await ask(path);
      expect([path, page.status]).toEqual([path, 404]);
      expect(await page.text()).not.toContain("Run now");
      expect((await ask(`${path}/__data.json?x-sveltekit-invalidated=01`)).status).toBe(404);
      expect((await post(`${path}?/run`, { job: "maintenance" })).status).toBe(404);
    }
  expect(await (await reader.ask("/papers")).text()).not.toContain('href="/operator"');
});

test("an administrator sees them, runs a job, and nobody does in their name", async () => {
  for (const path of OPERATOR_PAGES) {
    const page = await administrator.ask(path);
    expect([path, page.status, page.headers.get("cache-control")]).toEqual([path, 200, "no-store"]);
  }
  expect(await (await administrator.ask("/papers")).text()).toContain('href="/operator"');
  expect(await (await administrator.ask("/operator/moderation")).text()).toContain("No open flags");
  expect(await (await administrator.ask("/operator/jobs")).text()).toContain("Search index");
  expect((await administrator.post("/operator/jobs?/run", { job: "maintenance" }, EVIL)).status).toBe(403);
  expect((await administrator.post("/operator/jobs?/run", { job: "nothing" })).status).toBe(400);
  const requested = await administrator.post("/operator/jobs?/run", { job: "maintenance" });
  expect(await requested.text()).toContain("Search index will run in a moment");
});

test("an administrator suspends an account, which is signed out and cannot sign in, and restores it", async () => {
  const rude = await newPerson(server, "rude@example.org");
  const found = await (await administrator.ask("/operator/accounts?address=RUDE@")).text();
  expect(found).toContain("rude@example.org");
  expect(found).not.toContain("reader@example.org");
  const account = /name="account" value="([^"]+)"/.exec(found)?.[1] ?? "";
  expect((await reader.post("/operator/accounts?/suspend", { account })).status).toBe(404);
  expect((await administrator.post("/operator/accounts?/suspend", { account }, EVIL)).status).toBe(403);
  expect((await administrator.post("/operator/accounts?/suspend", { account: "nobody" })).status).toBe(400);
  expect((await administrator.post("/operator/accounts?/suspend", { account })).status).toBe(303);
  expect((await rude.ask("/account")).status).toBe(303);
  expect(await (await administrator.ask("/operator/accounts")).text()).toContain("rude@example.org");
  expect((await administrator.post("/operator/accounts?/restore", { account })).status).toBe(303);
  expect((await administrator.post("/operator/accounts?/restore", { account })).status).toBe(400);
  expect(await (await administrator.ask("/operator/accounts")).text()).toContain("No account is suspended");
});

test("programs and commands do the same with a token that only operators can make", async () => {
  const BOX = /<input[^>]* value="operator"/;
  expect(await (await reader.ask("/account")).text()).not.toMatch(BOX);
  expect(await (await administrator.ask("/account")).text()).toMatch(BOX);
  const made = { name: "laptop", scope: "operator" };
  expect((await reader.post("/account?/makeToken", made)).status).toBe(400);
  const page = await (await administrator.post("/account?/makeToken", made)).text();
  const token = /gradus_[\w-]{43}/.exec(page)?.[0] ?? "";

  const decide = (headers: Readonly<Record<string, string>>) =>
    administrator.ask("/api/v1/operator/jobs", {
      method: "POST",
      body: JSON.stringify({ decision: "run", id: "maintenance" }),
      headers: { "content-type": "application/json", ...headers },
    });
  expect((await decide(EVIL)).status).toBe(403);
  const done = await decide({ origin: server.origin });
  expect([done.status, await done.json()]).toEqual([200, { message: "Search index will run in a moment." }]);
  expect((await reader.ask("/api/v1/operator/jobs")).status).toBe(404);

  const child = spawn(process.execPath, [program, "operator", "jobs"], {
    env: { ...process.env, GRADUS_SITE: server.origin, GRADUS_TOKEN: token },
  });
  const [out, [status]] = await Promise.all([text(child.stdout), once(child, "close")]);
  expect(out).toContain("Search index");
  expect(status).toBe(0);
});

test("a link that is made while the site runs makes another administrator", async () => {
  makeAdministratorLink(server.folder, new Date());
  await makeAdministrator(server, reader);
  expect((await reader.ask("/operator")).status).toBe(200);
});

test("a site that has an administrator starts without a link", async () => {
  await server.stop();
  server = await startServer({ folder: server.folder });
  expect(server.log()).not.toContain("administrator");
  expect(existsSync(join(server.folder, "administrator-link"))).toBe(false);
});
