// Official measurements on the page and in the feed.
import { afterAll, beforeAll, expect, test } from "vitest";
import { withoutHigherLosses } from "./measurements.ts";
import type { TestServer } from "./server.ts";
import { startSeeded } from "./shared.ts";

const PAPER = "/papers/2412.08424";

let measurements: ReturnType<typeof withoutHigherLosses>;
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
  measurements = withoutHigherLosses();
  server = await startSeeded({ environment: measurements.environment });
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
  measurements?.remove();
});

test("a claim that the findings contradict did not hold, on its page and in the feed; others stand", async () => {
  const html = await page(PAPER);
  expect(row(html, "C2")).toContain("did not hold");
  expect(row(html, "C1")).toMatch(/ held /);
  expect(words(html)).toContain("Four of five claims held; one did not hold.");
  const entry =
    (await page("/papers?runnable=1")).split("<article").find((part) => part.includes(PAPER)) ?? "";
  expect(words(entry)).toMatch(/4 of 5 claims held/);
});

test("when, where and by which version was measured officially is said once", async () => {
  const shown = words(await page(PAPER));
  expect(shown).toMatch(
    /Officially measured over [\d to]+ seeds on \w+ \d+, \d{4} ?, quick size, with gradus \d+\.\d+\.\d+ ?, Node \d+\.\d+\.\d+ on linux x64/,
  );
  expect(shown.match(/on linux x64/g)).toHaveLength(1);
});
