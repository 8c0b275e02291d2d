import { notWritable } from "./make-folder.ts";

/** Failures to write by their numbers in WASI, which are those of the embedded Postgres. */
const reasons: Readonly<Record<number, string>> = {
  2: "permission denied",
  19: "disk quota exceeded",
  22: "file too large",
  29: "input/output error",
  51: "no space left on device",
  63: "operation not permitted",
  69: "read-only file system",
};

/**
 * An error for what the embedded Postgres throws when a file of its folder cannot be made or written: an object of its
 * virtual file system that is no error and has only a number. Everything else stays as it is.
 */
export function fileFailure(folder: string, thrown: unknown, setting: string): unknown {
  if (thrown instanceof Error || typeof thrown !== "object" || thrown === null) return thrown;
  if (!("errno" in thrown) || typeof thrown.errno !== "number") return thrown;
  return notWritable(folder, new Error(reasons[thrown.errno] ?? `WASI error ${thrown.errno}`), setting);
}
