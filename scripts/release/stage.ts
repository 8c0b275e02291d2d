// A folder with exactly what a package's archive will hold.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../workspace.mjs";
import { packageChangelog, type Release } from "./changelog.ts";
import type { CompiledPackage } from "./compile.ts";
import type { Package } from "./packages.ts";
import { publishedManifest } from "./published-manifest.ts";

/** Where packages are put together and their archives are left. */
export const stageFolder = join(root, "build", "release");

/** A package, put together in a folder of its own. */
export interface StagedPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

const COMPILED = ["dist", "src"];

/**
 * Puts a package together: what was compiled, the sources that the maps name, the files that the manifest names beside,
 * README, license, changelog.
 */
function stagePackage(
  { pack: { folder, manifest }, outputs, sources, assets }: CompiledPackage,
  own: ReadonlySet<string>,
  releases: readonly Release[],
): StagedPackage {
  const target = join(stageFolder, manifest.name.replace("@gradus/", ""));
  rmSync(target, { recursive: true, force: true });
  const write = (path: string, data: string | Uint8Array): void => {
    const file = join(target, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, data);
  };
  for (const [path, text] of outputs) write(path, text);
  for (const path of sources) write(path, readFileSync(join(folder, path)));
  for (const path of assets) write(path.replace(/^src\//, "dist/"), readFileSync(join(folder, path)));
  const beside = (manifest.files ?? []).filter((entry) => !COMPILED.includes(entry));
  // What is missing is found in the archive.
  for (const entry of [...beside, ...Object.values(manifest.bin ?? {}), "README.md"])
    if (existsSync(join(folder, entry)))
      cpSync(join(folder, entry), join(target, entry), { recursive: true });
  write("LICENSE", readFileSync(join(root, "LICENSE")));
  write("CHANGELOG.md", packageChangelog(releases, manifest.name));
  write("package.json", `${JSON.stringify(publishedManifest(manifest, own), null, 2)}\n`);
  return { name: manifest.name, version: manifest.version, folder: target };
}

/** Puts packages together, each in a folder under `build/release`. */
export function stagePackages(
  packages: readonly CompiledPackage[],
  releases: readonly Release[],
): StagedPackage[] {
  const own = new Set(packages.map(({ pack }: { pack: Package }) => pack.manifest.name));
  return packages.map((compiled) => stagePackage(compiled, own, releases));
}
