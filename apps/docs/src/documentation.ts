import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readGuides } from "./guides/guides.ts";
import type { Documentation } from "./model.ts";
import { readReference } from "./reference/reference.ts";

/** Reads everything that /docs shows from the sources and the guides of a checkout. */
export async function readDocumentation(root: string): Promise<Documentation> {
  const { packages, addresses } = await readReference(root);
  const files = packages.flatMap(({ modules }) =>
    modules.flatMap(({ symbols }) => symbols.map(({ source }) => source.file)),
  );
  const sources: Record<string, string> = {};
  for (const file of [...new Set(files)].sort()) sources[file] = await readFile(join(root, file), "utf8");
  return { guides: await readGuides(root, addresses), packages, sources };
}
