import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { builds, families, generatedFile, generatedText } from "../scripts/compile.ts";

const modules = families.flatMap((family) => builds.map((build) => ({ family, build })));

test.each(modules)("$family ($build) is what its sources compile to", async ({ family, build }) => {
  expect(await readFile(generatedFile(family, build), "utf8")).toBe(await generatedText(family, build));
});
