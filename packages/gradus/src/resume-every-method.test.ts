import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { tables } from "./resume-tables-testing.ts";
import { expectResumes } from "./resume-testing.ts";

const manifest: { exports: Record<string, string> } = JSON.parse(
  await readFile(new URL("../package.json", import.meta.url), "utf8"),
);

describe.each(tables)("resumes bit for bit, wherever it was left", (runs) => {
  test.each(Object.entries(runs))("%s", async (_, run) => {
    await expectResumes(run);
  });
});

/** The methods of the library: public functions that return one, and methods of public interfaces that do. */
async function namesOfMethods(): Promise<string[]> {
  const names: string[] = [];
  const files = await readdir(new URL(".", import.meta.url), { recursive: true });
  for (const file of files.filter((name) => /(?<!test|-testing)\.ts$/.test(name))) {
    const source = await readFile(new URL(file, import.meta.url), "utf8");
    for (const part of source.split(/^export /m)) {
      const [, name] = /^(?:async )?function\*? (\w+)/.exec(part) ?? [];
      const [signature] = /^(?:(?:async )?function|[)>]).*\{$/m.exec(part) ?? [""];
      if (name && /\): Method</.test(signature)) names.push(name);
      const [, owner] = /^interface (\w+)/.exec(part) ?? [];
      for (const [, member] of part.matchAll(/^ {2}(\w+)\([^)]*\): Method</gm))
        if (owner) names.push(`${owner}.${member}`);
    }
  }
  return names;
}

/** What has no test here, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  iterates: "the loop itself",
  pacedTuning: "its iterates come by the clock: paced-tuning.test.ts compares what they have in common",
};

test("every method of the library is held to it", async () => {
  const published = new Set<string>();
  for (const file of Object.values(manifest.exports))
    for (const name of Object.keys(await import(new URL(`../${file.slice(2)}`, import.meta.url).href)))
      published.add(name);
  const methods = (await namesOfMethods()).filter((name) => name.includes(".") || published.has(name));
  expect(methods.length).toBeGreaterThan(60);
  const held = tables.flatMap((runs) => Object.keys(runs).map((name) => name.split(":")[0]));
  const known = new Set([...held, ...Object.keys(elsewhere)]);
  expect(methods.filter((name) => !known.has(name))).toEqual([]);
  expect([...known].filter((name) => !methods.includes(name))).toEqual([]);
});
