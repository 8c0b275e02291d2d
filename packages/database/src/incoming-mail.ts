import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolders } from "./make-folder.ts";

/** Bytes of the largest message that a site reads: a bounce with the whole digest that it returns has fewer. */
export const LARGEST_INCOMING_BYTES = 400 * 1024;

const NAME = /^\d{15}-[0-9a-f-]{36}\.eml$/;
const folderOf = (folder: string) => join(folder, "incoming");
const fileOf = (folder: string, name: string) => join(folderOf(folder), name);

/**
 * Leaves a message (RFC 5322) in a site's data folder, in a file that only its owner reads: a running site finds it at
 * once, a stopped one when it starts.
 */
export function leaveIncomingMail(folder: string, message: Uint8Array, now: Date): void {
  makeFolders(folderOf(folder), 0o700);
  const name = `${String(now.getTime()).padStart(15, "0")}-${randomUUID()}.eml`;
  const draft = fileOf(folder, `${name}.part`);
  writeFileSync(draft, message, { mode: 0o600 });
  renameSync(draft, fileOf(folder, name));
}

/** The names of the messages in a site's data folder, oldest first. */
export function incomingMail(folder: string): string[] {
  makeFolders(folderOf(folder), 0o700);
  return readdirSync(folderOf(folder))
    .filter((name) => NAME.test(name))
    .sort();
}

/** The message of a name that `incomingMail` gave. */
export function readIncomingMail(folder: string, name: string): Uint8Array {
  return readFileSync(fileOf(folder, name));
}

/** Takes a message away that was read. */
export function removeIncomingMail(folder: string, name: string): void {
  rmSync(fileOf(folder, name), { force: true });
}

/** Tells of messages that come from now on, until `close` is called; does not keep the process alive. */
export function watchIncomingMail(folder: string, tell: () => void): { close(): void } {
  makeFolders(folderOf(folder), 0o700);
  return watch(folderOf(folder), { persistent: false }, tell).on("error", () => {});
}
