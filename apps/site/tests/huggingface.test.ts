// Hugging Face's own client for Python, unchanged, with this site for its endpoint.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import seed from "../src/lib/server/papers/seed/seed-papers.json" with { type: "json" };
import type { TestServer } from "./server.ts";
import { startSeeded } from "./shared.ts";

const python = process.env.GRADUS_PYTHON ?? "python3";
const installed = spawnSync(python, ["-c", "import huggingface_hub"]).status === 0;
if (!installed)
  console.warn(
    `${python} has no huggingface_hub: its calls are not tested. Install it, or name another interpreter in GRADUS_PYTHON`,
  );

const failed = z.object({ status: z.number(), message: z.string() });
const resultSchema = z.object({
  daily: z.array(z.unknown()),
  page: z.array(z.string()),
  found: z.array(z.unknown()).min(1),
  paper: z.unknown(),
  markdown: z.string(),
  failures: z.object({ date: failed, query: failed, paper: failed, markdown: failed }),
});

let server: TestServer;
beforeAll(async () => {
  if (!installed) return;
  server = await startSeeded({
    environment: { GRADUS_NOW: "2025-12-25T12:00:00Z", GRADUS_ALLOW_CLOCK: "1" },
  });
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
});

/** A seed paper as the client should have it. */
function expected({
  order,
  arxivId,
  title,
  authors,
  arxivSubmittedDate,
  publishedDate,
}: (typeof seed)[number]) {
  return {
    id: arxivId,
    title,
    published: `${arxivSubmittedDate ?? publishedDate}T00:00:00+00:00`,
    submitted: new Date(Date.UTC(2025, 11, 25) + (21 - order) * 1000)
      .toISOString()
      .replace(".000Z", "+00:00"),
    upvotes: 0,
    authors,
  };
}

test.skipIf(!installed)("lists, finds, gets and reads papers, and raises its own errors", async () => {
  const child = spawn(python, [fileURLToPath(new URL("huggingface.py", import.meta.url)), server.origin], {
    env: { ...process.env, HF_HUB_DISABLE_TELEMETRY: "1" },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (data) => {
    out += data;
  });
  child.stderr.on("data", (data) => {
    err += data;
  });
  const [status] = await once(child, "close");
  expect([status, err]).toEqual([0, ""]);
  const { daily, page, found, paper, markdown, failures } = resultSchema.parse(JSON.parse(out));
  expect(daily).toEqual(seed.map(expected));
  expect(page).toEqual([seed[20].arxivId]);
  expect(found[0]).toEqual(expected(seed[11]));
  expect(paper).toEqual(expected(seed[11]));
  expect(markdown).toMatch(/^# From Logistic Regression to the Perceptron Algorithm/);
  expect(failures.date.status).toBe(400);
  expect(failures.date.message).toContain("'date' must be a date");
  expect(failures.query.status).toBe(400);
  expect(failures.query.message).toContain("'q' has 251 characters");
  for (const missing of [failures.paper, failures.markdown]) {
    expect(missing.status).toBe(404);
    expect(missing.message).toContain("Paper '2501.99999' not found");
  }
});
