import { randomBytes, timingSafeEqual } from "node:crypto";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolders } from "./make-folder.ts";

/** Hours that a link can be used. */
export const ADMINISTRATOR_LINK_HOURS = 24;

/** A link that makes whoever opens it, signed in, the administrator of the site; it works once. */
export interface AdministratorLink {
  /** The path on the site: `/administrator?key=...`. */
  readonly path: string;
  /** The file that has the link, which its owner alone can read. */
  readonly file: string;
  readonly expiresAt: Date;
}

const PATH = "/administrator?key=";
const fileOf = (folder: string) => join(folder, "administrator-link");

interface StoredLink extends AdministratorLink {
  readonly key: string;
}

function readLink(folder: string): StoredLink | undefined {
  const file = fileOf(folder);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const [, key, instant] = /^\/administrator\?key=([\w-]{43})\nexpires (\S+)\n$/.exec(text) ?? [];
  const expiresAt = new Date(instant);
  if (!key || Number.isNaN(expiresAt.getTime())) return undefined;
  return { path: `${PATH}${key}`, file, expiresAt, key };
}

/** The link in a site's data folder that can still be used at `now`, if there is one. */
export function administratorLink(folder: string, now: Date): AdministratorLink | undefined {
  const link = readLink(folder);
  return link && link.expiresAt > now ? link : undefined;
}

/**
 * Makes a link that can be used for 24 hours, and writes it to a file in the site's data folder; an earlier link is then
 * of no use. A running site needs no restart: it reads the file when a link is opened.
 */
export function makeAdministratorLink(folder: string, now: Date): AdministratorLink {
  const key = randomBytes(32).toString("base64url");
  const expiresAt = new Date(now.getTime() + ADMINISTRATOR_LINK_HOURS * 3_600_000);
  const file = fileOf(folder);
  makeFolders(folder);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${PATH}${key}\nexpires ${expiresAt.toISOString()}\n`, { mode: 0o600 });
  // A draft that was there before keeps its mode.
  chmodSync(draft, 0o600);
  renameSync(draft, file);
  return { path: `${PATH}${key}`, file, expiresAt };
}

/** Whether a key is that of the link in a site's data folder, and can still be used at `now`. */
export function isAdministratorKey(folder: string, key: string, now: Date): boolean {
  const link = readLink(folder);
  if (!link || link.expiresAt <= now) return false;
  const [given, wanted] = [Buffer.from(key), Buffer.from(link.key)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Uses a link up; false when its key is another, it has expired, or somebody else has just used it. */
export function useAdministratorKey(folder: string, key: string, now: Date): boolean {
  if (!isAdministratorKey(folder, key, now)) return false;
  try {
    rmSync(fileOf(folder));
    return true;
  } catch {
    return false;
  }
}
