// The package.json of a published package, made from the one in the repository.
import type { Manifest, Target } from "./packages.ts";

/** What a manifest in the repository says that means nothing, or something else, where a package is installed. */
const LEFT_OUT = ["private", "devDependencies", "scripts", "files"];

function compiledTarget(target: Target): Target {
  if (typeof target !== "string")
    return Object.fromEntries(
      Object.entries(target).map(([condition, files]) => [condition, compiledTarget(files)]),
    );
  if (!target.startsWith("./src/") || !target.endsWith(".ts")) return target;
  const file = target.replace(/^\.\/src\//, "./dist/").replace(/\.ts$/, "");
  return { types: `${file}.d.ts`, default: `${file}.js` };
}

function compiledTargets(targets: Readonly<Record<string, Target>> | undefined) {
  return (
    targets && Object.fromEntries(Object.entries(targets).map(([path, file]) => [path, compiledTarget(file)]))
  );
}

/** Packages of one release fit together, and with its later corrections. */
function withRanges(
  dependencies: Readonly<Record<string, string>> | undefined,
  own: ReadonlySet<string>,
  version: string,
) {
  return (
    dependencies &&
    Object.fromEntries(
      Object.entries(dependencies).map(([name, range]) => [name, own.has(name) ? `^${version}` : range]),
    )
  );
}

/**
 * The manifest with which a package is published: compiled files for sources, with their types, and ranges of versions
 * for the packages of the same release.
 *
 * @param own names of all packages of the release
 */
export function publishedManifest(manifest: Manifest, own: ReadonlySet<string>): Manifest {
  const { version } = manifest;
  const kept = Object.fromEntries(Object.entries(manifest).filter(([field]) => !LEFT_OUT.includes(field)));
  const published = {
    ...kept,
    name: manifest.name,
    version,
    exports: compiledTargets(manifest.exports),
    imports: compiledTargets(manifest.imports),
    dependencies: withRanges(manifest.dependencies, own, version),
    optionalDependencies: withRanges(manifest.optionalDependencies, own, version),
    peerDependencies: withRanges(manifest.peerDependencies, own, version),
  };
  // Without the fields that are undefined.
  return JSON.parse(JSON.stringify(published));
}
