import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ingestRequests } from "@gradus/database/ingest-requests";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCommand } from "../fixture/run-command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-ingest-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("leaves the days for the site to fetch", async () => {
  const { status, out } = await runCommand(`ingest --from 2025-11-01 --to 2025-11-07 --folder ${folder}`, {
    home: folder,
  });
  expect(status).toBe(0);
  expect(out).toContain("requested papers submitted from 2025-11-01 to 2025-11-07\n");
  expect(out).toContain("/status shows whether that failed, why, and when");
  expect(ingestRequests(folder)).toEqual([{ from: "2025-11-01", to: "2025-11-07" }]);
});

test("leaves the days whose lists the site should import", async () => {
  const line = `ingest --from 2025-11-01 --to 2025-11-07 --from-hugging-face --folder ${folder}`;
  const { status, out } = await runCommand(line, { home: folder });
  expect(status).toBe(0);
  expect(out).toContain("requested Hugging Face's daily lists from 2025-11-01 to 2025-11-07\n");
  expect(ingestRequests(folder)).toEqual([{ from: "2025-11-01", to: "2025-11-07", list: "hugging-face" }]);
});

test.each([
  ["--from 2025-11-01 --to 2025-11-07 --folder ./none", 3, "there is no folder"],
  ["--from 2025-02-29 --to 2025-11-07", 2, "--from must be a day from 1991-08-14"],
  ["--from 2025-11-01 --to 2999-01-01", 2, "--to must be a day"],
  ["--from 1990-11-01 --to 2025-11-07", 2, "--from must be a day"],
  ["--from 2025-11-07 --to 2025-11-01", 2, "--to must not be before --from"],
  ["--from 2025-11-07", 2, "--to"],
])("ingest %s ends with %i: %s", async (line, wanted, words) => {
  const { status, out, err } = await runCommand(`ingest ${line.replace("./", `${folder}/`)}`, {
    home: folder,
  });
  expect([status, out]).toEqual([wanted, ""]);
  expect(err).toContain(words);
  expect(ingestRequests(folder)).toEqual([]);
});
