import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../workspace.mjs";
import { packageChangelog, readChangelog } from "./changelog.ts";
import { publishedPackages, readManifest, workspacePackages } from "./packages.ts";

const text = `# Changelog

What it is.

## 1.1.0 (unreleased)

### one

- A new thing.

#### Corrections

- A corrected thing.

## 1.0.0 (2026-01-31)

The first.

### one

- The first thing.

### two

- Another.
`;

test("a package is published with its own parts", () => {
  const releases = readChangelog(text);
  expect(releases.map(({ version, date }) => [version, date])).toEqual([
    ["1.1.0", "unreleased"],
    ["1.0.0", "2026-01-31"],
  ]);
  expect(packageChangelog(releases, "one")).toBe(
    "# Changelog of one\n\n## 1.1.0 (unreleased)\n\n- A new thing.\n\n### Corrections\n\n- A corrected thing.\n\n" +
      "## 1.0.0 (2026-01-31)\n\n- The first thing.\n",
  );
  expect(packageChangelog(releases, "two")).toBe(
    "# Changelog of two\n\n## 1.0.0 (2026-01-31)\n\n- Another.\n",
  );
});

test.each(["1.0 (2026-01-31)", "1.0.0", "1.0.0 (soon)", "v1.0.0 (unreleased)"])(
  "a release titled %s is refused",
  (title) => {
    expect(() => readChangelog(`# Changelog\n\n## ${title}\n`)).toThrow(`got "${title}"`);
  },
);

test("the changelog has a part for each package under the present version", () => {
  const [latest] = readChangelog(readFileSync(join(root, "CHANGELOG.md"), "utf8"));
  expect(latest.version).toBe(readManifest(root).version);
  expect([...latest.packages.keys()]).toEqual(
    expect.arrayContaining(publishedPackages(workspacePackages()).map(({ manifest }) => manifest.name)),
  );
});
