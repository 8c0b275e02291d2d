import { readFileSync } from "node:fs";

/** The version of an installed package, for the record; peers are installed in a folder of their own. */
export function versionOf(name: string, folder: "." | "peers" = "."): string {
  const modules = folder === "." ? "../node_modules" : "peers/node_modules";
  const file = new URL(`${modules}/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}
