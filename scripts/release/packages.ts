// The packages of this repository that are published, and what their manifests say.
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../workspace.mjs";
import { ReleaseError } from "./release-error.ts";

/** A file, or files by condition, as `exports` and `imports` of a manifest have them. */
export type Target = string | { readonly [condition: string]: Target };

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, Target>>;
  readonly imports?: Readonly<Record<string, Target>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface Package {
  readonly folder: string;
  readonly manifest: Manifest;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** The packages of the workspace, in order of their folders. */
export function workspacePackages(workspace: string = root): Package[] {
  const { workspaces } = readManifest(workspace) as Manifest & { workspaces: readonly string[] };
  return workspaces
    .flatMap((pattern) => globSync(join(pattern, "package.json"), { cwd: workspace }).sort())
    .map((file) => join(workspace, dirname(file)))
    .map((folder) => ({ folder, manifest: readManifest(folder) }));
}

/** The names of what a package needs when it is used. */
export function dependencyNames({
  dependencies,
  optionalDependencies,
  peerDependencies,
}: Manifest): string[] {
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
}

/**
 * The published packages, each after those that it depends on.
 *
 * @throws ReleaseError when packages depend on each other in a circle, or a published one on a private one
 */
export function publishedPackages(packages: readonly Package[]): Package[] {
  const ordered: Package[] = [];
  const add = (pack: Package, dependents: readonly string[]): void => {
    const { name } = pack.manifest;
    if (ordered.includes(pack)) return;
    if (dependents.includes(name))
      throw new ReleaseError(`packages in a circle: ${[...dependents, name].join(" -> ")}`);
    if (pack.manifest.private)
      throw new ReleaseError(`${dependents.at(-1)} is published, but depends on ${name}, which is private`);
    for (const dependency of dependencyNames(pack.manifest)) {
      const own = packages.find(({ manifest }) => manifest.name === dependency);
      if (own) add(own, [...dependents, name]);
    }
    ordered.push(pack);
  };
  for (const pack of packages) if (!pack.manifest.private) add(pack, []);
  return ordered;
}

/** The files that a target names under any condition. */
export function targetFiles(target: Target): string[] {
  return typeof target === "string" ? [target] : Object.values(target).flatMap(targetFiles);
}
