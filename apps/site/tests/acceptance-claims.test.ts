// A claim that the findings contradict, at the API; lab-official.test.ts looks at the page and the feed.
import { afterAll, beforeAll, expect, test } from "vitest";
import { withoutHigherLosses } from "./measurements.ts";
import type { TestServer } from "./server.ts";
import { startSeeded } from "./shared.ts";

const ID = "2412.08424";

let measurements: ReturnType<typeof withoutHigherLosses>;
let server: TestServer;
beforeAll(async () => {
  measurements = withoutHigherLosses();
  server = await startSeeded({ environment: measurements.environment });
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
  measurements?.remove();
});

test("did not hold: in its own answer, in the counts of every list, in Markdown", async () => {
  const get = async (path: string) => (await fetch(`${server.origin}${path}`)).text();
  const { claims } = JSON.parse(await get(`/api/v1/papers/${ID}/claims`));
  const verdicts = claims.map(({ code, verdict }: { code: string; verdict: string }) => [code, verdict]);
  expect(Object.fromEntries(verdicts)).toEqual({
    C1: "held",
    C2: "did not hold",
    C3: "held",
    C4: "held",
    C5: "held",
  });
  const [, { measurements, seeds }] = claims;
  expect(seeds.held).toBe(0);
  expect(seeds.of).toBeGreaterThan(0);
  const checks = measurements.flatMap(({ checks }: { checks: readonly { label: string }[] }) => checks);
  const losses = checks.filter(({ label }: { label: string }) => label.includes("median loss"));
  expect(losses.length).toBeGreaterThan(0);
  for (const check of losses) {
    expect(check).toMatchObject({ held: 0, wanted: "at least 2", ground: { kind: "criterion" } });
    expect(new Set(check.measured)).toEqual(new Set([0.5]));
  }
  const counts = { total: 5, held: 4, mixed: 0, did_not_hold: 1, inconclusive: 0, not_run: 0 };
  expect(JSON.parse(await get(`/api/v1/papers/${ID}`)).runnable.claims).toEqual(counts);
  expect(JSON.parse(await get(`/api/papers/${ID}`)).gradus.claims).toEqual(counts);
  const daily: { paper: { id: string }; gradus: { claims: object } }[] = JSON.parse(
    await get("/api/daily_papers?date=2025-12-25"),
  );
  expect(daily.find(({ paper }) => paper.id === ID)?.gradus.claims).toEqual(counts);
  expect(await get(`/papers/${ID}.md`)).toMatch(/^\| C2 \|.*\bdid not hold\b/m);
});
