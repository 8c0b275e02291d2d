import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readGuides } from "./guides/guides.ts";
import { type Documentation, symbolsOf } from "./model.ts";
import type { Reference } from "./reference/reference.ts";

/** Everything that /docs shows: the reference, the guides of a checkout, and the sources that the reference names. */
export async function readDocumentation(
  root: string,
  { packages, addresses }: Reference,
): Promise<Documentation> {
  const files = packages.flatMap(({ modules }) =>
    modules.flatMap((module) => symbolsOf(module).map(({ source }) => source.file)),
  );
  const sources: Record<string, string> = {};
  for (const file of [...new Set(files)].sort()) sources[file] = await readFile(join(root, file), "utf8");
  return { guides: await readGuides(root, addresses), packages, sources };
}
