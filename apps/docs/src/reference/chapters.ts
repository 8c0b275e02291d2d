/** A chapter's part: a comment in the module's `index.ts`, and the names that are exported below it. */
export interface Chapter {
  readonly title: string;
  readonly names: readonly string[];
}

const STATEMENT = /^export (?:type )?(?:\{([^}]*)\}|\* as (\w+)) from/gm;

function namesIn(text: string): string[] {
  return [...text.matchAll(STATEMENT)].flatMap(([, list, namespace]) =>
    namespace
      ? [namespace]
      : list
          .split(",")
          .map(
            (name) =>
              name
                .trim()
                .replace(/^type /, "")
                .split(" as ")
                .at(-1) ?? "",
          )
          .filter((name) => name !== ""),
  );
}

/**
 * The parts of a module in the order of its `index.ts`: a line `// Krylov methods` begins one. What comes before the
 * first such line has no title.
 */
export function chaptersOf(index: string): Chapter[] {
  const parts = index.split(/^\/\/ (.+)$/m);
  const chapters = [{ title: "", names: namesIn(parts[0]) }];
  for (let i = 1; i < parts.length; i += 2)
    chapters.push({ title: parts[i].replace(/\.$/, ""), names: namesIn(parts[i + 1]) });
  return chapters.filter(({ names }) => names.length > 0);
}
