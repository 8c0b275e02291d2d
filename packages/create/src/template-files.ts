import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { TemplateName } from "./templates.ts";

/** npm leaves files of this name out of packages, so templates have it without its dot. */
const GITIGNORE = ".gitignore";

/** The files of a template, by their paths in the project. */
export async function templateFiles(template: TemplateName): Promise<Map<string, Buffer>> {
  const folder = fileURLToPath(new URL(`../templates/${template}/`, import.meta.url));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, Buffer>();
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const source = join(entry.parentPath, entry.name);
    const path = relative(folder, source).split(sep).join("/");
    files.set(path === GITIGNORE.slice(1) ? GITIGNORE : path, await readFile(source));
  }
  return files;
}
