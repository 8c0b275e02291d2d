import { highlight } from "@gradus/docs/highlight";
import type { UseView } from "#lib/views.ts";

const programs = import.meta.glob<string>("../../../../../../packages/papers/src/*/use.ts", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** The packages of the library, and where the reference has them. */
const PACKAGES: Readonly<Record<string, string>> = { gradus: "gradus", "@gradus/graph": "graph" };

/** The package of an import path, which may name a module of it: `gradus` of `gradus/linalg`. */
const packageOf = (path: string) =>
  Object.keys(PACKAGES).find((name) => path === name || path.startsWith(`${name}/`));

/** What a program imports from the library: names, and the part of the reference that documents them. */
export function importedNames(code: string): { readonly name: string; readonly package: string }[] {
  return [...code.matchAll(/import \{([^}]*)\} from "([^"]+)"/g)].flatMap(([, names, path]) => {
    const owner = packageOf(path);
    if (owner === undefined) return [];
    return names
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "")
      .map((name) => ({ name, package: PACKAGES[owner] }));
  });
}

/**
 * The program with which an engineer starts on a paper, as its page shows it.
 *
 * @throws Error naming a paper that has none
 */
export function paperUse(slug: string): UseView {
  const code = programs[`../../../../../../packages/papers/src/${slug}/use.ts`]?.trimEnd();
  if (code === undefined) throw new Error(`the paper ${slug} has no program use.ts`);
  const names = importedNames(code).map(({ name, package: owner }) => ({
    name,
    href: `/docs/api/${owner}/${name}`,
  }));
  return { code, html: highlight(code, "ts"), names };
}
