import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import type { Documentation } from "./model.ts";
import type { Reference } from "./reference/reference.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const CONTENT = "virtual:gradus-docs";
const SOURCES = "virtual:gradus-docs/sources";

/** A module whose value is read in one go, which is faster than a literal. */
const valueModule = (value: unknown) =>
  `export default JSON.parse(${JSON.stringify(JSON.stringify(value)).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")});`;

/**
 * Gives the site the documentation as modules: `virtual:gradus-docs` (guides and packages) and
 * `virtual:gradus-docs/sources` (the files that declare the symbols). Read when first asked for, and again after a
 * guide or a source changed.
 */
export function documentation(): Plugin {
  let reference: Promise<Reference> | undefined;
  let reading: Promise<Documentation> | undefined;
  async function read(): Promise<Documentation> {
    // The compiler is loaded only where the documentation is.
    const [{ readReference }, { readDocumentation }] = await Promise.all([
      import("./reference/reference.ts"),
      import("./documentation.ts"),
    ]);
    reference ??= readReference(root);
    return readDocumentation(root, await reference);
  }
  return {
    name: "gradus-docs",
    resolveId: (id) => (id === CONTENT || id === SOURCES ? `\0${id}` : undefined),
    async load(id) {
      if (id !== `\0${CONTENT}` && id !== `\0${SOURCES}`) return undefined;
      reading ??= read();
      const { guides, packages, sources } = await reading;
      for (const { slug } of guides) this.addWatchFile(join(root, "docs", `${slug}.md`));
      for (const file of Object.keys(sources)) this.addWatchFile(join(root, file));
      return valueModule(id === `\0${CONTENT}` ? { guides, packages } : sources);
    },
    watchChange(file) {
      const ofPackages = file.startsWith(join(root, "packages"));
      if (ofPackages) reference = undefined;
      if (ofPackages || dirname(file) === join(root, "docs")) reading = undefined;
    },
  };
}
