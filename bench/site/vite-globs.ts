// The site's sources name files by Vite's import.meta.glob; outside of its build this finds them. Import it first.
import { globSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";

declare global {
  interface ImportMeta {
    glob<T>(pattern: string, options: { readonly import: "default" }): Record<string, () => Promise<T>>;
  }
  var viteGlob: typeof globbed | undefined;
}

/** The JSON files of a pattern, each read when it is asked for, by their paths from the module. */
function globbed(module: string, pattern: string): Record<string, () => Promise<unknown>> {
  const cwd = dirname(fileURLToPath(module));
  return Object.fromEntries(
    globSync(pattern, { cwd }).map((file) => {
      const path = relative(cwd, `${cwd}/${file}`);
      return [path, async () => JSON.parse(readFileSync(`${cwd}/${path}`, "utf8"))];
    }),
  );
}

globalThis.viteGlob = globbed;
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.includes("/apps/site/src/") || !loaded.source) return loaded;
    const source = loaded.source.toString();
    if (!source.includes("import.meta.glob")) return loaded;
    return {
      ...loaded,
      source: source.replace(/import\.meta\.glob(?:<[^>]*>)?\(/g, "globalThis.viteGlob(import.meta.url, "),
    };
  },
});
