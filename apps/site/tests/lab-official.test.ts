// Official measurements on the page and in the feed.
import { afterAll, beforeAll, expect, test } from "vitest";
import { impossibleClaim } from "./measurements.ts";
import type { TestServer } from "./server.ts";
import { startSeeded } from "./shared.ts";

const SLUG = "normalized-logistic-gd";
const PAPER = "/papers/2412.08424";

let measurements: ReturnType<typeof impossibleClaim>;
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
  measurements = impossibleClaim(SLUG, "C2");
  server = await startSeeded({ environment: measurements.environment });
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
  measurements?.remove();
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
