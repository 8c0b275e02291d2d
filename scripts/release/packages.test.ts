import { expect, test } from "vitest";
import { type Package, publishedPackages, workspacePackages } from "./packages.ts";

const pack = (name: string, dependencies: readonly string[], isPrivate = false): Package => ({
  folder: `/${name}`,
  manifest: {
    name,
    version: "1.0.0",
    private: isPrivate,
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, "1.0.0"])),
  },
});
const order = (packages: readonly Package[]) =>
  publishedPackages(packages).map(({ manifest }) => manifest.name);

test("each package comes after those that it needs, and private ones are left out", () => {
  expect(
    order([pack("a", ["b", "zod"]), pack("b", ["c"]), pack("c", []), pack("site", ["a"], true)]),
  ).toEqual(["c", "b", "a"]);
});

test("circles and private dependencies are refused", () => {
  expect(() => order([pack("a", ["b"]), pack("b", ["a"])])).toThrow("a -> b -> a");
  expect(() => order([pack("a", ["b"]), pack("b", [], true)])).toThrow("a is published, but depends on b");
});

test("the engine comes first, the command after what it shows", () => {
  const names = order(workspacePackages());
  const place = (name: string) => names.indexOf(name);
  expect(place("@gradus/graph")).toBeLessThan(place("gradus"));
  expect(place("gradus")).toBeLessThan(place("@gradus/papers"));
  expect(place("@gradus/papers")).toBeLessThan(place("@gradus/figures"));
  expect(place("@gradus/figures")).toBeLessThan(place("@gradus/cli"));
  expect(names).not.toContain("@gradus/site");
});
