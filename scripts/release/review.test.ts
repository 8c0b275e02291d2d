import { describe, expect, test } from "vitest";
import { root } from "../workspace.mjs";
import { publishedPackages, readManifest, workspacePackages } from "./packages.ts";
import { formatReleased, lastRelease, mayBreak, vanishedNames } from "./public-names.ts";
import { checkNames, nameDifferences, versionProblems } from "./review.ts";
import { withVersion } from "./set-version.ts";

const packages = publishedPackages(workspacePackages());

test("public names are those of the reviewed lists, and none of the last release is missing", () => {
  const names = checkNames(packages);
  expect(names.get("gradus")).toContain("gradus/linalg conjugateGradient");
  expect(names.get("gradus")).toContain("gradus/linalg type DenseMatrix");
  expect(names.get("@gradus/graph")).toContain("@gradus/graph compile");
});

test("differences name what is new and what is gone", () => {
  expect(nameDifferences(["a x", "a y"], ["a y", "a z"])).toEqual(["- a x", "+ a z"]);
});

describe("names that vanish", () => {
  const released = { version: "1.2.0", names: ["a f", "a type F", "a type T"] };
  test.each([
    ["1.2.0", ["a f", "a type F", "a type T"], []],
    ["1.2.1", ["a f", "a type F"], ["a type T"]],
    ["1.3.0", ["a type F", "a type T"], ["a f"]],
    ["2.0.0", [], []],
    // A type that is a class now can be used as before; a value that is only a type now cannot.
    ["1.3.0", ["a f", "a F", "a type T"], []],
    ["1.3.0", ["a type f", "a type F", "a type T"], ["a f"]],
  ])("in %s with %j", (version, names, vanished) => {
    expect(vanishedNames(released, names, version)).toEqual(vanished);
  });

  test("a package that was never released has nothing to lose", () => {
    expect(vanishedNames(undefined, [], "1.0.0")).toEqual([]);
    expect(lastRelease("never-released")).toBeUndefined();
  });
});

test.each([
  ["0.1.0", "0.1.1", false],
  ["0.1.0", "0.2.0", true],
  ["0.9.0", "1.0.0", true],
  ["1.0.0", "1.9.0", false],
  ["1.9.0", "2.0.0", true],
])("whether programs for %s may break with %s: %j", (before, after, breaks) => {
  expect(mayBreak(before, after)).toBe(breaks);
});

test("a release is written with its version", () => {
  expect(formatReleased({ version: "1.0.0", names: ["a f", "a g"] })).toBe("# 1.0.0\na f\na g\n");
});

test("all manifests have the version of the root", () => {
  const { version } = readManifest(root);
  expect(versionProblems(workspacePackages(), version)).toEqual([]);
  expect(versionProblems(packages.slice(0, 1), "99.0.0")).toEqual([
    expect.stringContaining(`has version ${version}`),
  ]);
});

test("a version is written wherever packages of the repository are depended on", () => {
  const manifest = {
    name: "a",
    version: "1.0.0",
    dependencies: { b: "1.0.0", zod: "^4.0.0" },
    devDependencies: { c: "1.0.0" },
  };
  expect(withVersion(manifest, "1.1.0", new Set(["a", "b", "c"]))).toStrictEqual({
    name: "a",
    version: "1.1.0",
    dependencies: { b: "1.1.0", zod: "^4.0.0" },
    devDependencies: { c: "1.1.0" },
  });
});
