// Everything of a release but publishing.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../workspace.mjs";
import { readChangelog } from "./changelog.ts";
import { compile } from "./compile.ts";
import { type Archive, archiveProblems, packArchive } from "./pack.ts";
import { type Package, publishedPackages, workspacePackages } from "./packages.ts";
import { lastRelease, type PublicNames, vanishedNames } from "./public-names.ts";
import { ReleaseError } from "./release-error.ts";
import { checkNames, releaseVersion } from "./review.ts";
import { stageFolder, stagePackages } from "./stage.ts";

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "),
    )
    .join("\n");
}

/** How the names of a package differ from those of its last release. */
function changeOfNames({ manifest: { name } }: Package, names: PublicNames): string {
  const released = lastRelease(name);
  if (!released) return names.length > 0 ? `${names.length} new` : "";
  const before = new Set(released.names);
  const added = names.filter((line) => !before.has(line)).length;
  const removed = vanishedNames(released, names, "999.0.0").length;
  return `${names.length} (+${added} -${removed} since ${released.version})`;
}

/**
 * Checks, builds and packs the packages into `build/release`, and prints what would be published.
 *
 * @returns the archives, each after those that it needs
 * @throws ReleaseError when something stands against a release
 */
export async function prepareRelease(): Promise<Archive[]> {
  const version = releaseVersion();
  const packages = publishedPackages(workspacePackages());
  const names = checkNames(packages);
  const releases = readChangelog(readFileSync(join(root, "CHANGELOG.md"), "utf8"));
  const [latest] = releases;
  const untold = packages.filter(({ manifest }) => !latest?.packages.has(manifest.name));
  if (latest?.version !== version || untold.length > 0)
    throw new ReleaseError(
      latest?.version !== version
        ? `CHANGELOG.md must begin with ${version}, got ${latest?.version ?? "no release"}`
        : `CHANGELOG.md says nothing of ${untold.map(({ manifest }) => manifest.name).join(", ")} under ${version}`,
    );

  console.log(`Building ${packages.length} packages, version ${version} ...`);
  rmSync(stageFolder, { recursive: true, force: true });
  mkdirSync(stageFolder, { recursive: true });
  const staged = stagePackages(compile(packages), releases);
  const archives: Archive[] = [];
  for (const stage of staged) archives.push(await packArchive(stage));
  const problems = (await Promise.all(archives.map(archiveProblems))).flat();
  if (problems.length > 0) throw new ReleaseError(`the packages have problems:\n  ${problems.join("\n  ")}`);

  console.log(
    table([
      ["package", "archive", "packed", "unpacked", "files", "public names"],
      ...archives.map(({ name, file, packed, unpacked, files }, i) => [
        name,
        basename(file),
        kilobytes(packed),
        kilobytes(unpacked),
        String(files.length),
        changeOfNames(packages[i], names.get(name) ?? []),
      ]),
    ]),
  );
  console.log("Types, public names, publint and attw: no problems.");
  return archives;
}
