// One version for all packages: the root's.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { valid } from "semver";
import { root } from "../workspace.mjs";
import { npm } from "./npm.ts";
import { type Manifest, workspacePackages } from "./packages.ts";
import { ReleaseError } from "./release-error.ts";

const DEPENDENCIES = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/** A manifest with a version, and with it wherever it depends on packages of the repository. */
export function withVersion(manifest: Manifest, version: string, own: ReadonlySet<string>): Manifest {
  const changed: Record<string, unknown> = { ...manifest };
  if ("version" in manifest) changed.version = version;
  for (const kind of DEPENDENCIES.filter((kind) => kind in manifest))
    changed[kind] = Object.fromEntries(
      Object.entries(manifest[kind] as Record<string, string>).map(([name, range]) => [
        name,
        own.has(name) ? version : range,
      ]),
    );
  return { ...manifest, ...changed };
}

/** Writes a version into all manifests and the lock file. @throws ReleaseError when it is not a semantic version */
export async function setVersion(version: string): Promise<void> {
  if (valid(version) !== version)
    throw new ReleaseError(`--set-version must be a semantic version such as 1.2.3, got "${version}"`);
  const packages = workspacePackages();
  const own = new Set(packages.map(({ manifest }) => manifest.name));
  for (const folder of [root, ...packages.map((pack) => pack.folder)]) {
    const file = join(folder, "package.json");
    const changed = withVersion(JSON.parse(readFileSync(file, "utf8")), version, own);
    writeFileSync(file, `${JSON.stringify(changed, null, 2)}\n`);
  }
  await npm(root, "install", "--package-lock-only", "--ignore-scripts");
  console.log(`All packages have version ${version}. Add it to CHANGELOG.md.`);
}
