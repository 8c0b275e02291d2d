import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ingestRequests,
  removeIngestRequest,
  requestIngestion,
  watchIngestRequests,
} from "./ingest-requests.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-requests-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const week = { from: "2026-11-01", to: "2026-11-07" };
const day = { from: "2026-10-30", to: "2026-10-30" };
const list = { ...week, list: "hugging-face" } as const;

test("requests wait in the order of their days until they are taken away; other files are none", () => {
  expect(ingestRequests(folder)).toEqual([]);
  for (const request of [week, day, list, week]) requestIngestion(folder, request);
  writeFileSync(join(folder, "ingest", "notes.txt"), "");
  expect(ingestRequests(folder)).toEqual([day, week, list]);
  removeIngestRequest(folder, day);
  removeIngestRequest(folder, day);
  expect(ingestRequests(folder)).toEqual([week, list]);
});

test("a site that watches is told of a request", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = watchIngestRequests(folder, resolve);
  requestIngestion(folder, week);
  await promise;
  watcher.close();
});
