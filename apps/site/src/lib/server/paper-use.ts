import { highlight } from "@gradus/docs/highlight";
import type { UseView } from "#lib/views.ts";

const programs = import.meta.glob<string>("../../../../../packages/papers/src/*/use.ts", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** The packages of the library, and where the reference has them. */
const MODULES: Readonly<Record<string, string>> = { gradus: "gradus", "@gradus/graph": "graph" };

/** What a program imports from the library: names, and the part of the reference that has them. */
export function importedNames(code: string): { readonly name: string; readonly module: string }[] {
  return [...code.matchAll(/import \{([^}]*)\} from "([^"]+)"/g)].flatMap(([, names, source]) =>
    Object.hasOwn(MODULES, source)
      ? names
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name !== "")
          .map((name) => ({ name, module: MODULES[source] }))
      : [],
  );
}

/**
 * The program with which an engineer starts on a paper, as its page shows it.
 *
 * @throws Error naming a paper that has none
 */
export function paperUse(slug: string): UseView {
  const code = programs[`../../../../../packages/papers/src/${slug}/use.ts`]?.trimEnd();
  if (code === undefined) throw new Error(`the paper ${slug} has no program use.ts`);
  const names = importedNames(code).map(({ name, module }) => ({
    name,
    href: `/docs/api/${module}/${name}`,
  }));
  return { code, html: highlight(code, "ts"), names };
}
