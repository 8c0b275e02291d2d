import { highlightedLines } from "@gradus/docs/highlight";
import { sourceFile } from "#lib/docs/content.server.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params }) => {
  const text = await sourceFile(params.file);
  return { file: params.file, lines: highlightedLines(text.trimEnd(), "ts") };
};
