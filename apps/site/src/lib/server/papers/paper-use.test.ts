import { papers } from "@gradus/papers";
import { expect, test } from "vitest";
import { importedNames, paperUse } from "./paper-use.ts";

test("the names that a program imports from the library are found, in the order of its lines", () => {
  const code = `import { array } from "@gradus/graph";
import { solve } from "gradus/iterate";
import { train } from "gradus/train";
import { readFile } from "node:fs/promises";
`;
  expect(importedNames(code)).toEqual([
    { name: "array", package: "graph" },
    { name: "solve", package: "gradus" },
    { name: "train", package: "gradus" },
  ]);
});

test("every runnable paper has a program, and the reference has what it imports", () => {
  for (const { slug } of papers) {
    const { code, html, names } = paperUse(slug);
    expect(code).toMatch(/ from "gradus(\/[a-z-]+)+";/);
    expect(html).toContain("hljs-keyword");
    expect(names.map(({ href }) => href)).toContain(`/docs/api/gradus/${names.at(-1)?.name}`);
  }
});

test("a paper without a program is named", () => {
  expect(() => paperUse("walks")).toThrow("walks");
});
