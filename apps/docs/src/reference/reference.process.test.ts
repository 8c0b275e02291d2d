import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, expect, test } from "vitest";
import { type MemberDoc, type PackageDoc, type SymbolDoc, symbolsOf } from "../model.ts";
import { readReference } from "./reference.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
let packages: readonly PackageDoc[];
beforeAll(async () => {
  ({ packages } = await readReference(root));
});

const everySymbolOf = (doc: PackageDoc) => doc.modules.flatMap(symbolsOf);
const all = () => packages.flatMap(everySymbolOf);
const named = (name: string): SymbolDoc => {
  const found = all().find((symbol) => symbol.name === name);
  if (!found) throw new Error(`${name} is not documented`);
  return found;
};
const plain = (html: string) =>
  html
    .replace(/<[^>]+>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

test("everything that can be imported from the packages is documented, and nothing else", async () => {
  for (const doc of packages)
    for (const path of new Set(doc.modules.map((module) => module.path))) {
      const documented = doc.modules
        .filter((module) => module.path === path)
        .flatMap(symbolsOf)
        .filter(({ kind, exported }) => exported && !["interface", "type"].includes(kind))
        .map(({ name }) => name.split(".")[0]);
      expect([...new Set(documented)].sort(), path).toEqual(Object.keys(await import(path)).sort());
    }
});

test("a page is in the order of its index, with its parts, then its types", () => {
  const linalg = packages.flatMap((doc) => doc.modules).find(({ path }) => path === "gradus/linalg");
  const names = linalg?.sections[0].symbols.map(({ name }) => name) ?? [];
  expect(linalg?.sections.at(-1)?.title).toBe("Types");
  expect(names.length).toBeGreaterThan(0);
  expect(linalg?.sections.at(-1)?.symbols.map(({ name }) => name)).toContain("LinearSystemOptions");
});

test("every export says in a sentence what it is", () => {
  const silent = all().filter(({ sentence, exported }) => exported && !/\w/.test(sentence));
  expect(silent.map(({ name, source }) => `${name} (${source.file}:${source.line})`)).toEqual([]);
});

test("names are unique in a package, and every link leads to one of them", () => {
  const known = new Set<string>();
  for (const doc of packages)
    for (const module of doc.modules)
      for (const { anchor } of symbolsOf(module)) {
        const address = `/docs/api/${doc.slug}/${module.slug}#${anchor}`;
        expect(known.has(address), address).toBe(false);
        known.add(address);
      }
  const links = [...JSON.stringify(packages).matchAll(/href=\\"(\/docs[^"\\]*)\\"/g)].map(([, href]) => href);
  expect(links.length).toBeGreaterThan(1000);
  expect(links.filter((href) => !known.has(href))).toEqual([]);
});

test("the source of a symbol is where its file declares that name", async () => {
  const files = new Map<string, string[]>();
  for (const { name, source } of all()) {
    if (!files.has(source.file))
      files.set(source.file, (await readFile(join(root, source.file), "utf8")).split("\n"));
    expect(files.get(source.file)?.[source.line - 1], `${source.file}:${source.line}`).toContain(
      name.split(".").at(-1),
    );
  }
});

test("every signature is TypeScript", () => {
  const wrong = all().flatMap(({ signatures }) =>
    signatures.flatMap(({ code }) => {
      const text = plain(code).replace("{ … }", "{}");
      const declaration = /^(interface|class)/.test(text) ? `declare ${text} {}` : `declare ${text}`;
      const { diagnostics } = ts.transpileModule(declaration, {
        reportDiagnostics: true,
        compilerOptions: { target: ts.ScriptTarget.ESNext },
      });
      return (diagnostics ?? []).map(({ messageText }) => `${text}: ${JSON.stringify(messageText)}`);
    }),
  );
  expect(wrong).toEqual([]);
});

const field = (members: readonly MemberDoc[] | undefined, name: string) =>
  members?.find((member) => member.name === name);

test("a function has its signature, parameters, defaults, errors and reference", () => {
  const [lsmr] = named("lsmr").signatures;
  expect(plain(lsmr.code)).toBe(
    "function lsmr(\n  matrix: OperatorOrMatrix,\n  b: Float64Array,\n  options?: LsmrOptions,\n): Method<LsmrIterate>",
  );
  expect(lsmr.code).toContain('<a href="/docs/api/gradus/linalg#OperatorOrMatrix">');
  expect(lsmr.text).toMatch(/Source: /);
  expect(lsmr.throws.length).toBeGreaterThan(0);
  const options = field(lsmr.parameters, "options");
  expect(options?.optional).toBe(true);
  expect(field(options?.fields, "signal")?.text).toMatch(/Ends the iteration/);
});

test("defaults come from where options are taken apart, in the head or in the body", () => {
  const interval = field(named("logLogSlope").signatures[0].parameters, "options");
  expect(field(interval?.fields, "confidence")).toMatchObject({ defaultValue: "0.95" });
  // A tag `options.confidence` describes the field of a parameter without a name.
  expect(field(interval?.fields, "confidence")?.text).toMatch(/coverage/);
  const system = field(named("conjugateGradient").signatures[0].parameters, "options");
  expect(field(system?.fields, "radius")).toMatchObject({ defaultValue: "Number.POSITIVE_INFINITY" });
});

test("options without a comment are what their function says; a class shows what it adds", () => {
  expect(named("SplitOptions").sentence).toBe("What trainTestSplit takes.");
  expect(named("DataError").members).toEqual([]);
  expect(named("ParameterError").members.map(({ name }) => name)).toEqual(["parameter", "constructor"]);
});

test("a member of a namespace goes by its full name", () => {
  expect(named("classificationMetrics.fBeta").kind).toBe("function");
});
