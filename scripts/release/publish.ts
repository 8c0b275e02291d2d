// Publishing, so that one that was interrupted goes on where it stopped.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../workspace.mjs";
import { readChangelog } from "./changelog.ts";
import { npm } from "./npm.ts";
import type { Archive } from "./pack.ts";
import { publishedPackages, workspacePackages } from "./packages.ts";
import { formatReleased, publicNames, releasedFile } from "./public-names.ts";
import { ReleaseError } from "./release-error.ts";

/** Whether the registry has this version of a package already. */
async function isPublished({ name, version, folder }: Archive): Promise<boolean> {
  try {
    return (await npm(folder, "view", `${name}@${version}`, "version", "--json")).trim() !== "";
  } catch (error) {
    if (/E404/.test((error as Error).message)) return false;
    throw error;
  }
}

/**
 * Publishes archives in order to the registry that npm is configured for, leaving out those that it has.
 *
 * @throws ReleaseError with npm's words for the first that fails; those before it are published
 */
export async function publishArchives(archives: readonly Archive[]): Promise<void> {
  for (const archive of archives) {
    const { name, version, file } = archive;
    if (await isPublished(archive)) console.log(`${name} ${version} is published already`);
    else {
      await npm(root, "publish", file, "--access", "public");
      console.log(`${name} ${version} published`);
    }
  }
}

/** Writes the public names that the packages have now as those of the last release. */
function recordNames(version: string): void {
  const names = publicNames(publishedPackages(workspacePackages()));
  for (const [name, lines] of names) {
    const file = releasedFile(name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, formatReleased({ version, names: lines }));
  }
}

/**
 * Publishes archives and records their public names as those of the last release.
 *
 * @throws ReleaseError when the changelog gives the version no date
 */
export async function publish(archives: readonly Archive[]): Promise<void> {
  const [{ version, date }] = readChangelog(readFileSync(join(root, "CHANGELOG.md"), "utf8"));
  if (date === "unreleased")
    throw new ReleaseError(`CHANGELOG.md calls ${version} unreleased; give it the date of today`);
  await publishArchives(archives);
  recordNames(version);
  console.log(`Commit scripts/release/released, and tag the commit v${version}.`);
}
