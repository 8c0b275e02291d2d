// The operator's page of mail, against the production server, as an administrator sees it.
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEmbedded } from "../src/lib/server/database/connect.ts";
import { digestRuns, mailOutbox, subscriptions } from "../src/lib/server/database/schema/index.ts";
import { noteReport } from "../src/lib/server/mail/suppressions.ts";
import { addressHash } from "../src/lib/server/people/address.ts";
import { keyFor } from "../src/lib/server/secrets.ts";
import { usualChoices } from "../src/lib/server/subscriptions/choices.ts";
import { faults } from "./faults.ts";
import { makeAdministrator, newPerson, type PlainReader, plainReader } from "./plain-reader.ts";
import { secret, startServer, type TestServer } from "./server.ts";
import { connectBrowser, startSeeded } from "./shared.ts";
import { installed, newReader, visitAs } from "./visit.ts";

const NOW = "2025-12-25T12:00:00Z";
const environment = { GRADUS_NOW: NOW, GRADUS_ALLOW_CLOCK: "1" };
const at = (hours: number) => new Date(Date.parse(NOW) + hours * 3_600_000);

/** Leaves a site's mail in every state that the page shows. */
async function addMail({ folder }: TestServer): Promise<void> {
  const key = keyFor({ GRADUS_SECRET: secret } as unknown as NodeJS.ProcessEnv, "addresses");
  const database = await openEmbedded(join(folder, "database"));
  const { orm } = database;
  try {
    const details = { origin: "https://papers.example.org", returnTo: "/papers" };
    const usual = { kind: "sign-in", details, expiresAt: at(5) } as const;
    await orm.insert(mailOutbox).values([
      { ...usual, recipient: "policy@example.com", state: "failed", refusal: "5.7.1", endedAt: at(-1) },
      { ...usual, recipient: "later@example.net", refusal: "4.2.2", attempts: 3, nextAt: at(2) },
      { ...usual, recipient: "gone@example.org", state: "failed", refusal: "5.1.1", endedAt: at(-2) },
    ]);
    const email = "gone@example.org";
    const [{ id }] = await orm
      .insert(subscriptions)
      .values({
        ...{
          email,
          emailHmac: addressHash(email, key),
          origin: "https://papers.example.org",
          status: "active",
        },
        ...{ ...usualChoices, topics: [], keywords: [] },
      })
      .returning({ id: subscriptions.id });
    await orm.insert(digestRuns).values({
      ...{ subscriptionId: id, periodKey: "2025-12-25", since: at(-29), cutoff: at(-5) },
      ...{ state: "sent", matched: 3 },
    });
    const report = (address: string, kind: "permanent" | "transient" | "complaint", status?: string) =>
      noteReport(orm, { hash: addressHash(address, key), kind, status }, at(-2));
    await report(email, "permanent", "5.1.1");
    await report("forgotten@example.org", "complaint");
    await report("full@example.org", "transient", "4.2.2");
  } finally {
    await database.close();
  }
}

let server: TestServer;
let administrator: PlainReader;
beforeAll(async () => {
  server = await startSeeded({ environment });
  const first = await newPerson(server, "administrator@example.org");
  await makeAdministrator(server, first);
  await server.stop();
  await addMail(server);
  server = await startServer({ folder: server.folder, environment });
  administrator = plainReader(server);
  for (const [name, value] of first.cookies) administrator.cookies.set(name, value);
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
});

/** True where the search field's hint of its key is shown over its placeholder. */
const hintCovers = (page: Page) =>
  page.getByRole("searchbox").evaluate((input: HTMLInputElement) => {
    const { font, paddingLeft } = getComputedStyle(input);
    const pen = document.createElement("canvas").getContext("2d");
    const hint = input.parentElement?.querySelector("kbd")?.getBoundingClientRect();
    if (!pen || !hint) throw new Error("the search field has no hint");
    pen.font = font;
    const end =
      input.getBoundingClientRect().left +
      Number.parseFloat(paddingLeft) +
      pen.measureText(input.placeholder).width;
    return hint.width > 0 && hint.left < end + 4;
  });

describe.skipIf(!installed)("in a browser (skipped without Chromium)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(() => browser?.close());

  async function asAdministrator() {
    const own = await newReader(browser);
    await own.addCookies(
      [...administrator.cookies].map(([name, value]) => ({ name, value, url: server.origin })),
    );
    return own;
  }

  test("shows the queue, digests, suppressed addresses and bounces, in order in every look", async () => {
    const own = await asAdministrator();
    const { page, trouble } = await visitAs(own, new URL("/operator/mail", server.origin));
    await page.getByRole("heading", { name: "Mail", exact: true }).waitFor();
    for (const words of [
      `messages are written to the folder ${join(server.folder, "mail")}. Set GRADUS_SMTP_URL to send them.`,
      "1 message waiting, 1 sent today (UTC).",
      "Sign-in link to p•••@e•••.com: rejected by a policy (5.7.1)",
      "mailbox full (4.2.2), 3 attempts, next in 2 h",
      "In the last 24 hours: 1 sent.",
      "Address not stored after a complaint, 2 h ago",
    ])
      expect(((await page.locator("main").textContent()) ?? "").replace(/\s+/g, " ")).toContain(words);
    // Another try would not help an address that gets no mail.
    expect(await page.getByRole("button", { name: /^Retry/ }).count()).toBe(1);
    expect(await faults(page)).toEqual([]);
    await page.getByRole("button", { name: "Allow mail to g•••@e•••.org" }).click();
    await page.getByText("Mail to this address is allowed again").waitFor();
    expect(await page.getByRole("button", { name: /^Allow mail/ }).count()).toBe(1);
    expect(await faults(page)).toEqual([]);
    expect(trouble).toEqual([]);
    await own.close();
  });

  test("the longer menu leaves the placeholder of the search field free", async () => {
    const own = await asAdministrator();
    const { page } = await visitAs(own, new URL("/operator/mail", server.origin));
    const covered: number[] = [];
    for (let width = 700; width <= 1300; width += 20) {
      await page.setViewportSize({ width, height: 800 });
      if (await hintCovers(page)) covered.push(width);
    }
    expect(covered).toEqual([]);
    await own.close();
  });
});

test("the account page says that nobody else is administrator", async () => {
  expect(await (await administrator.ask("/account")).text()).toContain("site’s only administrator");
});

test("without scripts a message is sent again, once; what is not there is refused", async () => {
  const page = await (await administrator.ask("/operator/mail")).text();
  const message = /name="message" value="(\d+)"/.exec(page)?.[1] ?? "";
  const sent = await administrator.post("/operator/mail?/retry", { message });
  expect(await sent.text()).toContain("The message will be sent in a moment.");
  for (const fields of [{ message }, { message: "0" }, { message: "x" }] as const)
    expect((await administrator.post("/operator/mail?/retry", fields)).status).toBe(400);
  for (const address of ["", "0".repeat(64), "x"])
    expect((await administrator.post("/operator/mail?/allow", { address })).status).toBe(400);
  const evil = { origin: "https://evil.example" };
  expect((await administrator.post("/operator/mail?/retry", { message }, evil)).status).toBe(403);
});
