// What a release may not change without being seen: public names and versions.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../workspace.mjs";
import {
  dependencyNames,
  type Package,
  publishedPackages,
  readManifest,
  workspacePackages,
} from "./packages.ts";
import {
  LIST,
  lastRelease,
  type PublicNames,
  publicNames,
  reviewedNames,
  vanishedNames,
} from "./public-names.ts";
import { ReleaseError } from "./release-error.ts";

/** Writes the public names that the sources have into the reviewed lists. */
export function acceptNames(): void {
  const packages = publishedPackages(workspacePackages());
  const found = publicNames(packages);
  for (const { folder, manifest } of packages) {
    const names = found.get(manifest.name) ?? [];
    if (names.length > 0) writeFileSync(join(folder, LIST), `${names.join("\n")}\n`);
  }
}

/** Names that stand in one list only. */
export function nameDifferences(reviewed: PublicNames, found: PublicNames): string[] {
  const [before, after] = [new Set(reviewed), new Set(found)];
  return [
    ...reviewed.filter((name) => !after.has(name)).map((name) => `- ${name}`),
    ...found.filter((name) => !before.has(name)).map((name) => `+ ${name}`),
  ];
}

/**
 * Compares the public names of packages with the reviewed lists and with the last release.
 *
 * @returns the names by package
 * @throws ReleaseError when a list is out of date, or when a name vanished that the version may not leave out
 */
export function checkNames(packages: readonly Package[]): Map<string, PublicNames> {
  const found = publicNames(packages);
  for (const pack of packages) {
    const { name, version } = pack.manifest;
    const names = found.get(name) ?? [];
    const released = lastRelease(name);
    const vanished = vanishedNames(released, names, version);
    if (vanished.length > 0)
      throw new ReleaseError(
        `${name} ${version} leaves out names that ${released?.version} has:\n  ${vanished.join("\n  ")}\n` +
          "That needs a version that may break programs (npm run release -- --set-version); otherwise bring them back.",
      );
    const differences = nameDifferences(reviewedNames(pack), names);
    if (differences.length > 0)
      throw new ReleaseError(
        `the public names of ${name} are not those of its reviewed list, ${LIST}:\n  ${differences.join("\n  ")}\n` +
          "If they are meant, npm run release -- --accept-names writes them; commit the list with the change.",
      );
  }
  return found;
}

/** What in the manifests does not have the version of the root, which is that of all packages. */
export function versionProblems(packages: readonly Package[], version: string): string[] {
  const names = new Set(packages.map(({ manifest }) => manifest.name));
  return packages.flatMap(({ manifest }) => {
    const ranges: Record<string, string> = { ...manifest.dependencies, ...manifest.optionalDependencies };
    return [
      ...(manifest.version === version ? [] : [`${manifest.name} has version ${manifest.version}`]),
      ...dependencyNames(manifest)
        .filter((name) => names.has(name) && ranges[name] !== version)
        .map((name) => `${manifest.name} depends on ${name} ${ranges[name]}`),
    ];
  });
}

/** The version of all packages. @throws ReleaseError when a manifest has another */
export function releaseVersion(): string {
  const { version } = readManifest(root);
  const problems = versionProblems(workspacePackages(), version);
  if (problems.length > 0)
    throw new ReleaseError(
      `the version is ${version} (package.json), but\n  ${problems.join("\n  ")}\n` +
        `npm run release -- --set-version ${version} makes them one.`,
    );
  return version;
}
