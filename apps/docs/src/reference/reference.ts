import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DeclarationReflection, ReflectionKind } from "typedoc";
import type { ModuleDoc, PackageDoc } from "../model.ts";
import type { Addresses } from "./addresses.ts";
import { type Chapter, chaptersOf } from "./chapters.ts";
import {
  entryFiles,
  importPath,
  indexFile,
  type ModuleRule,
  moduleOf,
  type PackageRule,
  packageRules,
} from "./modules.ts";
import { NOT_EXPORTED, readProject } from "./read.ts";
import { type Context, describeSymbol, optionTypes } from "./symbols.ts";

interface Entry {
  readonly declaration: DeclarationReflection;
  /** With the namespace that it is reached through, if any. */
  readonly name: string;
  readonly anchor: string;
  readonly module: ModuleRule;
  readonly exported: boolean;
}

interface Named {
  readonly name: string;
  readonly declaration: DeclarationReflection;
  readonly exported: boolean;
}

/** The declarations of a module; those of a namespace under its name. */
function* declarationsOf(declaration: DeclarationReflection, prefix = "", exported = true): Generator<Named> {
  for (const child of declaration.children ?? [])
    if (child.name === NOT_EXPORTED) yield* declarationsOf(child, prefix, false);
    else if (child.kindOf([ReflectionKind.Namespace, ReflectionKind.Module]))
      yield* declarationsOf(child, `${prefix}${child.name}.`, exported);
    else yield { name: `${prefix}${child.name}`, declaration: child, exported };
}

function entriesOf(rule: PackageRule, declarations: readonly DeclarationReflection[]): Entry[] {
  const taken = new Set<string>();
  return declarations
    .flatMap((declaration) => [...declarationsOf(declaration)])
    .filter(
      ({ declaration, exported }) =>
        declaration.sources?.[0]?.fileName.startsWith(`${rule.folder}/src/`) &&
        // Of what cannot be imported, only types are worth a reader's time.
        (exported || declaration.kindOf([ReflectionKind.Interface, ReflectionKind.TypeAlias])),
    )
    .map((named) => {
      const file = named.declaration.sources?.[0]?.fileName ?? "";
      const module = moduleOf(rule, file.replace(`${rule.folder}/src/`, ""));
      // A type and a value may share a name; the later one gets a number.
      let anchor = named.name;
      for (let n = 2; taken.has(anchor); n++) anchor = `${named.name}-${n}`;
      taken.add(anchor);
      return { ...named, anchor, module };
    });
}

const isType = ({ declaration }: Entry) =>
  declaration.kindOf(ReflectionKind.Interface) || declaration.kindOf(ReflectionKind.TypeAlias);

/** The entries of a page under headings: the parts of its index, then the types. */
function sectionsOf(entries: readonly Entry[], chapters: readonly Chapter[] | undefined, context: Context) {
  const values = entries.filter((entry) => !isType(entry));
  const parts = (chapters ?? []).map(({ title, names }) => ({
    title,
    entries: names.flatMap((name) => values.filter((entry) => entry.name.split(".")[0] === name)),
  }));
  const placed = new Set(parts.flatMap((part) => part.entries));
  return [
    ...parts,
    { title: "", entries: values.filter((entry) => !placed.has(entry)) },
    { title: "Types", entries: entries.filter(isType) },
  ]
    .filter((part) => part.entries.length > 0)
    .map(({ title, entries: members }) => ({
      title,
      symbols: members.map(({ declaration, name, anchor, exported }) =>
        describeSymbol(declaration, { name, anchor, exported }, context),
      ),
    }));
}

function modulesOf(
  rule: PackageRule,
  entries: readonly Entry[],
  chapters: ReadonlyMap<string, readonly Chapter[]>,
  context: Context,
): ModuleDoc[] {
  const bySlug = Map.groupBy(entries, ({ module }) => module.slug);
  const place = (slug: string) => {
    const at = rule.modules.findIndex((module) => module.slug === slug);
    return at < 0 ? rule.modules.length : at;
  };
  return [...bySlug]
    .sort(([a], [b]) => place(a) - place(b))
    .map(([slug, members]) => ({
      slug,
      path: importPath(rule, members[0].module),
      title: members[0].module.title,
      sentence: members[0].module.sentence,
      sections: sectionsOf(
        members,
        rule.paths ? chapters.get(indexFile(rule, members[0].module)) : undefined,
        context,
      ),
    }));
}

async function descriptionOf(root: string, folder: string): Promise<string> {
  const manifest: { description?: string } = JSON.parse(
    await readFile(join(root, folder, "package.json"), "utf8"),
  );
  return manifest.description ?? "";
}

export interface Reference {
  readonly packages: readonly PackageDoc[];
  readonly addresses: Addresses;
}

/** The API reference of the packages, read from their sources. */
export async function readReference(root: string): Promise<Reference> {
  const { project, defaults, tags } = await readProject(root);
  const byId = new Map<number, string>();
  const byName = new Map<string, string>();
  const takers = new Map<number, string[]>();
  const addresses: Addresses = { of: (id) => byId.get(id), named: (name) => byName.get(name) };
  const read = [];
  for (const rule of packageRules) {
    const files = entryFiles(rule);
    const chapters = new Map(
      await Promise.all(
        files.map(async (file) => [file, chaptersOf(await readFile(join(root, file), "utf8"))] as const),
      ),
    );
    const declarations = files.map((file) => {
      const declaration = project.children?.find(({ sources }) =>
        sources?.some(({ fileName }) => fileName === file),
      );
      if (!declaration) throw new Error(`the API reference: there is no ${file}`);
      return declaration;
    });
    const entries = entriesOf(rule, declarations);
    for (const { declaration: symbol, name, anchor, module } of entries) {
      const address = `/docs/api/${rule.slug}/${module.slug}#${anchor}`;
      byId.set(symbol.id, address);
      if (!byName.has(name)) byName.set(name, address);
      for (const type of new Set(optionTypes(symbol))) takers.set(type, [...(takers.get(type) ?? []), name]);
    }
    read.push({ rule, entries, chapters });
  }
  const packages = await Promise.all(
    read.map(async ({ rule, entries, chapters }) => ({
      slug: rule.slug,
      name: rule.name,
      description: await descriptionOf(root, rule.folder),
      modules: modulesOf(rule, entries, chapters, { addresses, defaults, tags, takers }),
    })),
  );
  return { packages, addresses };
}
