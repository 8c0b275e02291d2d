import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { countsSentence, exceptionsTable } from "./exceptions-table.ts";

test("the guide names each test case that is not imported with derivatives, and why", async () => {
  const guide = await readFile(new URL("../../../../../docs/train-and-export.md", import.meta.url), "utf8");
  expect(guide).toContain(exceptionsTable());
  expect(guide.replaceAll(/\s+/g, " ")).toContain(countsSentence());
});
