import { builtinModules } from "node:module";
import { ProjectError } from "./errors.ts";

const LONGEST = 214;
const RESERVED = new Set(["node_modules", "favicon.ico", ...builtinModules]);

/**
 * A name for the package in a folder that npm accepts: in lower case, without accents, and with a hyphen for what is
 * not a letter, digit, dot, hyphen or underscore. Names that are taken get `-app` at their end.
 *
 * @param taken names of packages that the project depends on
 * @throws ProjectError when nothing is left of the name
 */
export function packageName(folderName: string, taken: readonly string[] = []): string {
  const name = folderName
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .slice(0, LONGEST)
    .replace(/^[._-]+|[._-]+$/g, "");
  if (name === "")
    throw new ProjectError(
      `the folder's name must contain a letter from a to z or a digit, for the name of the package, got "${folderName}"`,
    );
  return RESERVED.has(name) || taken.includes(name) ? `${name}-app` : name;
}
