// Official measurements on the page and in the feed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build, startServer, type TestServer } from "./server.ts";

const SLUG = "normalized-logistic-gd";
const PAPER = "/papers/2412.08424";

interface Measured {
  readonly claim: string;
  readonly runs: { readonly checks: { condition: object }[] }[];
}

let folder: string;
let server: TestServer;

const words = (html: string) =>
  html
    .replace(/<!--.*?-->/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");
const page = async (path: string) => (await fetch(`${server.origin}${path}`)).text();
const row = (html: string, claim: string) =>
  words(new RegExp(`<tr id="claim-${claim}".*?</tr>`, "s").exec(html)?.[0] ?? "");

beforeAll(async () => {
  await build();
  folder = mkdtempSync(join(tmpdir(), "gradus-official-"));
  const shipped = new URL(`../measurements/${SLUG}.json`, import.meta.url);
  const measured: Measured[] = JSON.parse(readFileSync(shipped, "utf8"));
  for (const { claim, runs } of measured)
    if (claim === "C2")
      for (const { checks } of runs) for (const check of checks) check.condition = { atMost: -1e300 };
  writeFileSync(join(folder, "measured.json"), JSON.stringify(measured));
  server = await startServer({ environment: { GRADUS_MEASUREMENTS: folder } });
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test("a claim whose threshold is made impossible did not hold, on its page and in the feed; others stand", async () => {
  const html = await page(PAPER);
  expect(row(html, "C2")).toContain("did not hold");
  expect(row(html, "C1")).toMatch(/ held /);
  expect(words(html)).toContain("4 of 5 held");
  const entry =
    (await page("/papers?runnable=1")).split("<article").find((part) => part.includes(PAPER)) ?? "";
  expect(words(entry)).toMatch(/4(\/| of )5 held/);
});

test("when, where and by which version was measured officially is said once", async () => {
  const shown = words(await page(PAPER));
  expect(shown).toMatch(
    /Officially measured on \w+ \d+, \d{4} with gradus \d+\.\d+\.\d+ ?, Node \d+\.\d+\.\d+ on linux x64/,
  );
  expect(shown.match(/on linux x64/g)).toHaveLength(1);
});
