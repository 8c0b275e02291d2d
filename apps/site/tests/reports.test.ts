// Reports of runs, from readers' programs and browsers, against the production server.
import { encodeReport, type ReproductionReport, reportHash } from "@gradus/papers";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { measuredReport } from "../src/lib/server/reports/testing.ts";
import { type ApiDocument, apiOf, readDocument } from "./api-client.ts";
import { faults } from "./faults.ts";
import { makeAdministrator, newPerson, type PlainReader, plainReader } from "./plain-reader.ts";
import type { TestServer } from "./server.ts";
import { connectBrowser, startSeeded } from "./shared.ts";
import { alive, installed, newReader, visitAs } from "./visit.ts";

const PAPER = "/papers/2405.14745";
const JSON_TYPE = { "content-type": "application/json" };
const version = "0.1.0";
const mechanism = await measuredReport("anyloss", "mechanism", { version });

let server: TestServer;
let document: ApiDocument;
let administrator: PlainReader;
let reader: PlainReader;
let token: string;

/** Makes an access token by the form of the account page. */
async function makeToken({ post }: PlainReader, name: string): Promise<string> {
  const page = await (await post("/account?/makeToken", { name, scope: "reports" })).text();
  return /gradus_[\w-]{43}/.exec(page)?.[0] ?? "";
}

const bodyOf = async (report: ReproductionReport, more: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ report: await encodeReport(report), ...more });

/** Sends a body as a program does. */
function send(body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${server.origin}/api/v1/reports`, {
    method: "POST",
    body,
    headers: { ...JSON_TYPE, authorization: `Bearer ${token}`, ...headers },
  });
}

/** Asks to withdraw a report, as a program does. */
function withdraw(id: number | string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${server.origin}/api/v1/reports/${id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
}

/** What a refusal says, of a status that is documented. */
async function refusal(
  response: Response,
  operation = document.paths["/api/v1/reports"].post,
): Promise<{ status: number; code: string; message: string }> {
  expect(operation?.responses[response.status]).toBeDefined();
  expect(response.headers.get("cache-control")).toBe("no-store");
  const { error } = await response.json();
  return { status: response.status, code: error.code, message: error.message };
}

const commentsOf = async (): Promise<number> => {
  const info = await (await fetch(`${server.origin}/api${PAPER}`)).json();
  return info.numComments;
};

beforeAll(async () => {
  server = await startSeeded();
  document = await readDocument(apiOf(server.origin));
  administrator = await newPerson(server, "administrator@example.org");
  await makeAdministrator(server, administrator);
  reader = await newPerson(server, "reporter@example.org");
  token = await makeToken(reader, "laptop");
});
afterAll(async () => {
  // Whose log is scanned for addresses and tokens.
  await server?.stop();
  server?.remove();
});

test("a token is shown once, named in the list, and is the account's alone", async () => {
  expect(token).not.toBe("");
  const page = await (await reader.ask("/account")).text();
  expect(page).toContain("laptop");
  expect(page).not.toContain(token);
  const nameless = await reader.post("/account?/makeToken", { name: "  ", scope: "reports" });
  expect(nameless.status).toBe(400);
  expect(await nameless.text()).toContain("Enter a name, such as laptop.");
  const [, id = ""] = /name="id" value="([0-9a-f]{64})"/.exec(page) ?? [];
  await administrator.post("/account?/revokeToken", { id });
  expect(await (await reader.ask("/account")).text()).toContain("laptop");
});

describe("refused", () => {
  test("without a token, with an unknown one, and in the name of a reader of another site", async () => {
    const body = await bodyOf(mechanism);
    const url = `${server.origin}/api/v1/reports`;
    const nobody = await fetch(url, { method: "POST", body, headers: JSON_TYPE });
    expect(nobody.headers.get("www-authenticate")).toBe("Bearer");
    expect(await refusal(nobody)).toMatchObject({ status: 401, code: "unauthorized" });
    for (const authorization of ["Bearer", "Bearer x", `Bearer gradus_${"a".repeat(43)}`, `Basic ${token}`])
      expect(await refusal(await send(body, { authorization }))).toMatchObject({ status: 401 });
    const evil = { ...JSON_TYPE, origin: "https://evil.example" };
    expect((await reader.ask("/api/v1/reports", { method: "POST", body, headers: evil })).status).toBe(403);
    const preflight = await fetch(url, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    expect(preflight.headers.get("access-control-allow-methods")).not.toContain("POST");
  });

  test("when it is no JSON of a report: another type, large, deep, with prototypes, with other fields", async () => {
    const body = await bodyOf(mechanism);
    const large = JSON.stringify({ report: {}, note: "a".repeat(300_000) });
    const { hash: _, ...rest } = await encodeReport(mechanism);
    const polluted = { ...rest, findings: JSON.parse('{"__proto__":{"held":true}}') };
    const cases: [Promise<Response>, number, string][] = [
      [send(body, { "content-type": "text/plain" }), 415, "unsupported_media_type"],
      [
        send(new URLSearchParams({ report: body }).toString(), {
          "content-type": "application/x-www-form-urlencoded",
        }),
        415,
        "unsupported_media_type",
      ],
      [send(large), 413, "too_large"],
      [send(`{"report":${"[".repeat(60_000)}${"]".repeat(60_000)}}`), 422, "invalid_report"],
      [send("[".repeat(200_000)), 422, "invalid_report"],
      [
        send(JSON.stringify({ report: { ...polluted, hash: await reportHash(polluted) } })),
        422,
        "invalid_report",
      ],
      [send(await bodyOf(mechanism, { state: "published", userId: "1" })), 422, "invalid_report"],
      [send(await bodyOf(mechanism, { note: ["a", "b"] })), 422, "invalid_report"],
      [send(await bodyOf(mechanism, { note: "a".repeat(281) })), 422, "invalid_report"],
      [send(""), 422, "invalid_report"],
    ];
    for (const [sent, status, code] of cases)
      expect(await refusal(await sent)).toMatchObject({ status, code });
    // Without a length that says so beforehand.
    const chunks = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode("a".repeat(65_536)));
      },
    });
    const streamed = await fetch(`${server.origin}/api/v1/reports`, {
      method: "POST",
      body: chunks,
      duplex: "half",
      headers: { ...JSON_TYPE, authorization: `Bearer ${token}` },
    } as RequestInit).catch(() => undefined);
    if (streamed) expect(streamed.status).toBe(413);
    expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
  });

  test("when its findings are not what it states, or it is of another version", async () => {
    const [first, ...others] = mechanism.checks;
    const lie = { ...mechanism, checks: [{ ...first, measured: first.measured * 2 + 1 }, ...others] };
    expect((await refusal(await send(await bodyOf(lie)))).message).toContain("The report was altered: ");
    const encoded = await encodeReport(mechanism);
    const edited = await send(JSON.stringify({ report: { ...encoded, seed: 99 } }));
    expect((await refusal(edited)).message).toContain("altered after it was made");
    const made = await send(await bodyOf({ ...mechanism, findings: { made: "up" } }));
    expect((await refusal(made)).message).toMatch(/not what this experiment finds|altered/);
    const other = await refusal(await send(await bodyOf({ ...lie, version: "0.0.1" })));
    expect(other.message).toContain("made by gradus 0.0.1, whose checks differ");
  });
});

test("a report is shown with its environment, its text once a moderator publishes it, and counted", async () => {
  expect(await commentsOf()).toBe(0);
  const body = await bodyOf(mechanism, { note: "Held on <b>my</b> laptop." });
  const accepted = await fetch(`${server.origin}/api/v1/reports?report=x&note=x&note[]=y`, {
    method: "POST",
    body,
    headers: { ...JSON_TYPE, authorization: `Bearer ${token}` },
  });
  expect(accepted.status).toBe(201);
  const filed = await accepted.json();
  expect(filed).toMatchObject({ paper: PAPER.slice(8), note_pending: true, checks: mechanism.checks.length });
  expect(await refusal(await send(body))).toMatchObject({ status: 409, code: "duplicate" });

  const pageOf = async () => (await (await plainReader(server).ask(PAPER)).text()).replace(/<!--.*?-->/g, "");
  const page = await pageOf();
  expect(page).toContain("Reader reports");
  expect(page).toMatch(/Node 24\.21\.0, linux x64, 2\s+cores, gradus 0\.1\.0/);
  expect(page).not.toContain("my</b> laptop");
  expect(page).not.toContain("reporter");
  expect(await commentsOf()).toBe(1);

  const operator = await (await administrator.ask("/operator/reports")).text();
  expect(operator).toContain("Held on &lt;b>my&lt;/b> laptop.");
  const decide = (action: string) =>
    administrator.post(`/operator/reports?/${action}`, { report: String(filed.id) });
  expect((await reader.post("/operator/reports?/publishNote", { report: String(filed.id) })).status).toBe(
    404,
  );
  expect((await decide("publishNote")).status).toBe(303);
  expect((await decide("publishNote")).status).toBe(400);
  expect(await pageOf()).toContain("Held on &lt;b>my&lt;/b> laptop.");
  await decide("hide");
  expect(await pageOf()).not.toContain("Reader reports");
  expect(await commentsOf()).toBe(0);
  await decide("restore");
  expect(await commentsOf()).toBe(1);
  // Official verdicts are as they were.
  const claims = await (await fetch(`${server.origin}/api/v1${PAPER}/claims`)).json();
  expect(claims.claims.every(({ seeds }: { seeds: { of: number } }) => seeds.of !== 1)).toBe(true);
});

describe("withdrawn by its sender", () => {
  const fileAnother = async (elapsed: number): Promise<number> => {
    const response = await send(await bodyOf({ ...mechanism, elapsed }, { note: "Soon gone." }));
    expect(response.status).toBe(201);
    return (await response.json()).id;
  };
  const formsOf = (page: string) => page.match(/action="\?\/withdrawReport/g)?.length ?? 0;
  const inQueue = async () =>
    (await (await administrator.ask("/operator/reports")).text()).includes("Soon gone.");

  test("through the API: once, in no other name, and by no page of another site", async () => {
    const operation = document.paths["/api/v1/reports/{id}"].delete;
    const [before, id] = [await commentsOf(), await fileAnother(11)];
    const refusalOf = async (response: Promise<Response>) => refusal(await response, operation);
    expect(await refusalOf(withdraw(id, { authorization: "Bearer x" }))).toMatchObject({ status: 401 });
    const other = await makeToken(administrator, "other");
    for (const [given, authorization] of [
      [id, other],
      [id + 1000, token],
      ["x", token],
    ])
      expect(await refusalOf(withdraw(given, { authorization: `Bearer ${authorization}` }))).toEqual({
        status: 404,
        code: "not_found",
        message: "You have no such report. You may have withdrawn it already.",
      });
    const evil = { method: "DELETE", headers: { origin: "https://evil.example" } };
    expect(await refusalOf(reader.ask(`/api/v1/reports/${id}`, evil))).toMatchObject({ status: 403 });
    expect(await commentsOf()).toBe(before + 1);
    expect(await inQueue()).toBe(true);
    const withdrawn = await withdraw(id);
    expect([withdrawn.status, await withdrawn.json()]).toEqual([200, { id, withdrawn: true }]);
    expect(await commentsOf()).toBe(before);
    expect(await inQueue()).toBe(false);
    expect(await refusalOf(withdraw(id))).toMatchObject({ status: 404 });
  });

  test("by forms without scripts, on the paper's page and on the account's, which only its sender has", async () => {
    const ids = [await fileAnother(12), await fileAnother(13)];
    for (const path of [PAPER, "/account"])
      expect(formsOf(await (await reader.ask(path)).text()), path).toBeGreaterThanOrEqual(2);
    expect(formsOf(await (await administrator.ask(PAPER)).text())).toBe(0);
    expect(formsOf(await (await plainReader(server).ask(PAPER)).text())).toBe(0);
    const count = await commentsOf();
    const [report, another] = ids.map(String);
    for (const path of [PAPER, "/account"])
      expect((await administrator.post(`${path}?/withdrawReport`, { report })).status, path).toBe(404);
    expect((await plainReader(server).post(`${PAPER}?/withdrawReport`, { report })).status).toBe(401);
    expect(
      (await plainReader(server).post("/account?/withdrawReport", { report })).headers.get("location"),
    ).toMatch(/^\/sign-in/);
    const evil = { origin: "https://evil.example" };
    expect((await reader.post(`${PAPER}?/withdrawReport`, { report }, evil)).status).toBe(403);
    expect(await commentsOf()).toBe(count);
    const first = await reader.post(`${PAPER}?/withdrawReport`, { report });
    expect([first.status, first.headers.get("location")]).toEqual([303, `${PAPER}#reports`]);
    const second = await reader.post("/account?/withdrawReport", { report: another });
    expect([second.status, second.headers.get("location")]).toEqual([303, "/account#reports"]);
    expect(await commentsOf()).toBe(count - 2);
    const again = await reader.post(`${PAPER}?/withdrawReport`, { report });
    expect(again.status).toBe(404);
    expect(await again.text()).toContain("You may have withdrawn it already.");
    // The place to which a withdrawal leads is there after the last one, too.
    const none = await (await (await newPerson(server, "none@example.org")).ask("/account")).text();
    expect(none).toMatch(/id="reports"[\s\S]*You have no reports\./);
  });

  test("the last one of a paper leads to the lab, because its page has no reports any more", async () => {
    const path = "/papers/2412.08424";
    const only = await measuredReport("normalized-logistic-gd", "step-size-sweep", { version });
    for (const elapsed of [1, 2])
      expect((await send(await bodyOf({ ...only, elapsed }))).status, String(elapsed)).toBe(201);
    const pageOf = async () => (await reader.ask(path)).text();
    const places: (string | null)[] = [];
    for (const [, report] of (await pageOf()).matchAll(/name="report" value="(\d+)"/g))
      places.push((await reader.post(`${path}?/withdrawReport`, { report })).headers.get("location"));
    expect(places).toEqual([`${path}#reports`, `${path}#lab`]);
    const page = await pageOf();
    expect([page.includes('id="lab"'), page.includes('id="reports"')]).toEqual([true, false]);
  });
});

describe.skipIf(!installed)("in the browser (skipped without Chromium)", () => {
  test("a reader sends a run from the lab, sees exactly what is sent, and finds it on the page", async () => {
    const browser = await connectBrowser();
    const context = await newReader(browser);
    const { page, trouble } = await visitAs(context, new URL(PAPER, server.origin));
    await alive(page);
    const lab = page.locator("#experiment-mechanism");
    await lab.getByRole("button", { name: /^Run / }).click();
    const offer = lab.getByRole("link", { name: "Sign in to send this run" });
    await offer.waitFor();
    expect(await offer.getAttribute("href")).toMatch(/^\/sign-in\?to=%2Fpapers%2F2405\.14745%3Frun%3D/);
    const back = decodeURIComponent((await offer.getAttribute("href"))?.split("to=")[1] ?? "");
    // Signed in, and led back to the run, which this browser keeps.
    const [[name, value]] = [...(await newPerson(server, "browser@example.org")).cookies];
    await context.addCookies([{ name, value, url: server.origin }]);
    await page.goto(`${server.origin}${back}`);
    await alive(page);
    const opener = lab.getByRole("button", { name: /^Send this run/ });
    const hasFocus = (element: Locator) => element.evaluate((it) => it.matches(":focus"));
    await opener.press("Enter");
    await lab.getByRole("button", { name: "Cancel" }).press("Enter");
    expect(await hasFocus(opener)).toBe(true);
    await opener.press("Enter");
    const form = lab.getByRole("region", { name: "Send this run", exact: true });
    const shown = form.getByRole("region", { name: "What is sent" });
    await shown.waitFor();
    await form.getByLabel("Text (optional)").fill("a".repeat(281));
    await form.getByRole("button", { name: "Send", exact: true }).click();
    await form.getByRole("alert").waitFor();
    expect(await form.getByRole("alert").textContent()).toContain("at most 280 characters; it has 281");
    expect(await faults(page)).toEqual([]);
    await form.getByLabel("Text (optional)").fill("In Chromium.");
    const displayed: unknown = JSON.parse((await shown.textContent()) ?? "");
    const [request] = await Promise.all([
      page.waitForRequest(/\/api\/v1\/reports$/),
      form.getByRole("button", { name: "Send", exact: true }).press("Enter"),
    ]);
    expect(request.postDataJSON()).toEqual(displayed);
    await form.getByRole("status").waitFor();
    expect(await hasFocus(form.getByRole("status"))).toBe(true);
    expect(await form.getByRole("status").textContent()).toMatch(
      /your text follows once a\s+moderator has approved it/,
    );
    await form.getByRole("link", { name: "reader reports" }).click();
    await page.getByText("You sent this report.").waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Reader reports" }).waitFor();
    expect(
      await page
        .locator("#claims")
        .locator("xpath=..")
        .getByRole("img", { name: /reader report/ })
        .count(),
    ).toBeGreaterThan(0);
    expect(await faults(page)).toEqual([]);
    const mine = page.getByRole("button", { name: /^Withdraw your report/ });
    expect(await mine.count()).toBe(1);
    await page.goto(`${server.origin}/account`);
    await page.getByRole("heading", { name: "Reports", exact: true }).waitFor();
    const listed = page.getByRole("listitem").filter({ hasText: "text waits for a moderator" });
    expect(await listed.textContent()).toMatch(
      /, The amplifier, and the gradients of metric losses, quick, seed 1,\s/,
    );
    await page.getByLabel("Token name").fill("desk");
    await page.getByRole("button", { name: "Create token" }).click();
    await page.getByText("Your new token, shown only now").waitFor();
    expect(await faults(page)).toEqual([]);
    const [[own, session]] = [...administrator.cookies];
    await context.addCookies([{ name: own, value: session, url: server.origin }]);
    await page.goto(`${server.origin}/operator/reports`);
    await page.getByText("In Chromium.").waitFor();
    expect(await faults(page)).toEqual([]);
    expect(trouble).toEqual([]);
    await context.close();
  });
});

test("the account's export has its reports, a revoked token is refused, and the account's end removes all", async () => {
  const file = await (await reader.ask("/account/export")).json();
  expect(file.reports).toMatchObject([{ experiment: "mechanism", note: "Held on <b>my</b> laptop." }]);
  expect(file.access_tokens).toMatchObject([{ name: "laptop", scopes: ["reports"] }]);
  expect(JSON.stringify(file)).not.toContain(token);
  const before = await commentsOf();
  const [, id = ""] =
    /name="id" value="([0-9a-f]{64})"/.exec(await (await reader.ask("/account")).text()) ?? [];
  expect((await reader.post("/account?/revokeToken", { id })).status).toBe(303);
  expect(await refusal(await send(await bodyOf({ ...mechanism, elapsed: 1 })))).toMatchObject({
    status: 401,
  });
  expect((await reader.post("/account?/delete", { sure: "yes" })).status).toBe(303);
  expect(await commentsOf()).toBe(before - 1);
});
