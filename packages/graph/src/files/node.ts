import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchedFile } from "./address.ts";
import type { NamedFile } from "./contract.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EISDIR: "it is a folder",
  EACCES: "permission denied",
};

function fileOnDisk(path: string): NamedFile {
  return {
    name: path,
    async read(signal) {
      try {
        return new Uint8Array(await readFile(path, { signal }));
      } catch (cause) {
        const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
        throw Object.hasOwn(REASONS, code) ? new Error(REASONS[code], { cause }) : cause;
      }
    },
    beside: (segments) => fileOnDisk(join(dirname(path), ...segments)),
  };
}

/** The file of a path, or of an address `file:`, `http:` or `https:`. */
export function namedFile(source: string | URL): NamedFile {
  if (typeof source === "string" && !/^(?:https?|file):\/\//i.test(source)) return fileOnDisk(source);
  const address = new URL(source);
  return address.protocol === "file:" ? fileOnDisk(fileURLToPath(address)) : fetchedFile(address);
}
