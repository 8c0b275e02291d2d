import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DeclarationReflection, ReflectionKind } from "typedoc";
import type { ModuleDoc, PackageDoc } from "../model.ts";
import type { Addresses } from "./addresses.ts";
import { type ModuleRule, moduleOf, type PackageRule, packageRules } from "./modules.ts";
import { readProject } from "./read.ts";
import { type Context, describeSymbol, optionTypes } from "./symbols.ts";

interface Entry {
  readonly declaration: DeclarationReflection;
  /** With the namespace that it is reached through, if any. */
  readonly name: string;
  readonly anchor: string;
  readonly module: ModuleRule;
}

/** The exports of a package; those of a namespace under its name. */
function* exportsOf(
  declaration: DeclarationReflection,
  prefix = "",
): Generator<[string, DeclarationReflection]> {
  for (const child of declaration.children ?? [])
    if (child.kindOf(ReflectionKind.Namespace)) yield* exportsOf(child, `${prefix}${child.name}.`);
    else yield [`${prefix}${child.name}`, child];
}

function entriesOf(rule: PackageRule, declaration: DeclarationReflection): Entry[] {
  const taken = new Set<string>();
  return [...exportsOf(declaration)].map(([name, child]) => {
    const file = child.sources?.[0]?.fileName ?? "";
    const module = moduleOf(rule, file.replace(`${rule.folder}/src/`, ""));
    // A type and a value may share a name; the later one gets a number.
    let anchor = name;
    for (let n = 2; taken.has(anchor); n++) anchor = `${name}-${n}`;
    taken.add(anchor);
    return { declaration: child, name, anchor, module };
  });
}

function modulesOf(rule: PackageRule, entries: readonly Entry[], context: Context): ModuleDoc[] {
  const bySlug = Map.groupBy(entries, ({ module }) => module.slug);
  const place = (slug: string) => {
    const at = rule.modules.findIndex((module) => module.slug === slug);
    return at < 0 ? rule.modules.length : at;
  };
  return [...bySlug]
    .sort(([a], [b]) => place(a) - place(b))
    .map(([slug, members]) => ({
      slug,
      title: members[0].module.title,
      sentence: members[0].module.sentence,
      symbols: members.map(({ declaration, name, anchor }) =>
        describeSymbol(declaration, { name, anchor }, context),
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
  const read = packageRules.map((rule) => {
    const declaration = project.children?.find(({ sources }) =>
      sources?.some(({ fileName }) => fileName === `${rule.folder}/src/index.ts`),
    );
    if (!declaration) throw new Error(`the API reference: ${rule.folder} has no src/index.ts`);
    const entries = entriesOf(rule, declaration);
    for (const { declaration: symbol, name, anchor, module } of entries) {
      const address = `/docs/api/${rule.slug}/${module.slug}#${anchor}`;
      byId.set(symbol.id, address);
      if (!byName.has(name)) byName.set(name, address);
      for (const type of new Set(optionTypes(symbol))) takers.set(type, [...(takers.get(type) ?? []), name]);
    }
    return { rule, entries };
  });
  const packages = await Promise.all(
    read.map(async ({ rule, entries }) => ({
      slug: rule.slug,
      name: rule.name,
      description: await descriptionOf(root, rule.folder),
      modules: modulesOf(rule, entries, { addresses, defaults, tags, takers }),
    })),
  );
  return { packages, addresses };
}
