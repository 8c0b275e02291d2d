import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isInstalled, type PackageLock, root } from "./workspace.mjs";

const lock = (packages: PackageLock["packages"]): PackageLock => ({ packages });
const one = { version: "1.0.0", integrity: "sha512-one" };
const native = { version: "2.0.0", integrity: "sha512-native", optional: true };
const wanted = lock({ "": { version: "0.1.0" }, "node_modules/one": one, "node_modules/native": native });

test("packages count as installed by the versions and contents of the lock file", () => {
  expect(isInstalled(wanted, lock({ "node_modules/one": one, "node_modules/native": native }))).toBe(true);
  expect(isInstalled(wanted, lock({}))).toBe(false);
  for (const other of [{ version: "1.0.1" }, { integrity: "sha512-other" }]) {
    const changed = lock({ "node_modules/one": { ...one, ...other }, "node_modules/native": native });
    expect(isInstalled(wanted, changed)).toBe(false);
  }
});

test("what another platform needs may be missing, but not be of another version", () => {
  expect(isInstalled(wanted, lock({ "node_modules/one": one }))).toBe(true);
  const older = { ...native, version: "1.9.0" };
  expect(isInstalled(wanted, lock({ "node_modules/one": one, "node_modules/native": older }))).toBe(false);
});

test("what a package of the checkout would like may not be missing", () => {
  const graph = { version: "0.1.0", optionalDependencies: { native: "2.0.0" } };
  const own = { "packages/graph": graph, "node_modules/one": one };
  expect(isInstalled(lock({ ...wanted.packages, ...own }), lock(own))).toBe(false);
  const all = { ...own, "node_modules/native": native };
  expect(isInstalled(lock({ ...wanted.packages, ...own }), lock(all))).toBe(true);
});

const kept = join(root, "node_modules", ".package-lock.json");
test.skipIf(!existsSync(kept))(
  "npm's own list of this checkout is complete (skipped where npm wrote none)",
  () => {
    const read = (file: string): PackageLock => JSON.parse(readFileSync(file, "utf8"));
    expect(isInstalled(read(join(root, "package-lock.json")), read(kept))).toBe(true);
  },
);
