import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A message in the folder, as its page shows it. */
export interface FolderMessage {
  readonly name: string;
  readonly to: string;
  readonly subject: string;
  /** Links to the site itself, as paths. */
  readonly links: readonly string[];
}

/** Messages that are shown. */
const MOST = 20;

/** Text whose long lines were broken and whose rare characters were written as numbers (RFC 2045, section 6.7). */
function decoded(text: string): string {
  return text
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** The latest messages that were written to a folder, newest first. */
export async function readMailFolder(folder: string): Promise<FolderMessage[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".eml"));
  const latest = names.sort().reverse().slice(0, MOST);
  return Promise.all(
    latest.map(async (name) => {
      const text = await readFile(join(folder, name), "utf8");
      const field = (label: string) => new RegExp(`^${label}: (.*)\r$`, "m").exec(text)?.[1] ?? "";
      const links = [
        ...decoded(text).matchAll(/https?:\/\/[^/\s"]+(\/(?:sign-in|subscribe|u)\/[\w.-]+)/g),
      ].map(([, path]) => path);
      return { name, to: field("To"), subject: field("Subject"), links: [...new Set(links)] };
    }),
  );
}
