// The public names of the packages: what a program can import by name.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { major, minor } from "semver";
import ts from "typescript";
import { root } from "../workspace.mjs";
import { commandNames } from "./command-names.ts";
import { type Package, targetFiles } from "./packages.ts";
import { ReleaseError } from "./release-error.ts";

/** The reviewed list of a package's public names, beside its manifest. */
export const LIST = "public-names.txt";

/**
 * The names of each import path, a name a line, such as `gradus/linalg conjugateGradient` or
 * `gradus/linalg type DenseMatrix`; of the command its commands and options, such as `gradus run --profile`.
 */
export type PublicNames = readonly string[];

function names(checker: ts.TypeChecker, file: ts.SourceFile): string[] {
  const module = checker.getSymbolAtLocation(file);
  if (!module) return [];
  return checker.getExportsOfModule(module).map((symbol) => {
    const { flags } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return flags & ts.SymbolFlags.Value ? symbol.name : `type ${symbol.name}`;
  });
}

const alphabetically = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The public names of packages as their sources have them, by package. */
export function publicNames(packages: readonly Package[]): Map<string, PublicNames> {
  const modules = packages.flatMap((pack) =>
    Object.entries(pack.manifest.exports ?? {}).flatMap(([path, target]) =>
      targetFiles(target)
        .filter((file) => file.endsWith(".ts"))
        .map((file) => ({
          pack,
          path: `${pack.manifest.name}${path.slice(1)}`,
          file: join(pack.folder, file),
        })),
    ),
  );
  const program = ts.createProgram(
    modules.map(({ file }) => file),
    // Names need neither libraries nor what other packages say.
    {
      module: ts.ModuleKind.NodeNext,
      allowImportingTsExtensions: true,
      noEmit: true,
      noLib: true,
      types: [],
    },
  );
  const checker = program.getTypeChecker();
  const found = new Map<string, Set<string>>(
    packages.map(({ manifest }) => [manifest.name, new Set<string>()]),
  );
  for (const { pack, path, file } of modules) {
    const source = program.getSourceFile(file);
    if (!source) throw new ReleaseError(`${file}, which ${pack.manifest.name} exports, does not exist`);
    for (const name of names(checker, source)) found.get(pack.manifest.name)?.add(`${path} ${name}`);
  }
  // What scripts name of the command.
  for (const line of commandNames()) found.get("@gradus/cli")?.add(line);
  return new Map([...found].map(([name, lines]) => [name, [...lines].sort(alphabetically)]));
}

function readLines(file: string): string[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** The reviewed list of a package; empty when there is none. */
export function reviewedNames({ folder }: Package): PublicNames {
  const file = join(folder, LIST);
  return existsSync(file) ? readLines(file) : [];
}

/** What was public in the last release of a package. */
export interface Released {
  readonly version: string;
  readonly names: PublicNames;
}

/** Where the names of the last release stand: written by a release, never by hand. */
export function releasedFile(name: string): string {
  return join(root, "scripts", "release", "released", `${name.replace("@gradus/", "")}.txt`);
}

/** The names of a release as a file has them: the version, then a name a line. */
export function formatReleased({ version, names }: Released): string {
  return `${[`# ${version}`, ...names].join("\n")}\n`;
}

/** The last release of a package; undefined for one that has not been released. */
export function lastRelease(name: string): Released | undefined {
  const file = releasedFile(name);
  if (!existsSync(file)) return undefined;
  const [, version = "0.0.0"] = /^# (\S+)/.exec(readFileSync(file, "utf8")) ?? [];
  return { version, names: readLines(file) };
}

/**
 * Whether programs written for one version may break with the other: the major version differs, or, below 1.0.0, the
 * minor one (Semantic Versioning 2.0.0, item 4, as npm's `^` reads it).
 */
export function mayBreak(before: string, after: string): boolean {
  return major(before) !== major(after) || (major(after) === 0 && minor(before) !== minor(after));
}

/** The names that a release of `version` may not leave out, and does. */
export function vanishedNames(released: Released | undefined, names: PublicNames, version: string): string[] {
  if (!released || mayBreak(released.version, version)) return [];
  const present = new Set(names);
  // A value can be used as a type where it is a class; a type that became a value as well is still there.
  return released.names.filter((name) => !present.has(name) && !present.has(name.replace(" type ", " ")));
}
