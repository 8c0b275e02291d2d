// Builds the site when its build is missing or older than its sources.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { bin, root, runNode } from "./workspace.mjs";

export const siteFolder = join(root, "apps", "site");
const marker = join(siteFolder, "build", ".source-hash");
/** Written by the last step of a build. */
const finished = join(siteFolder, "build", "handler.js");
const lock = join(root, "node_modules", ".gradus-building");
const skipped = new Set(["node_modules", "build", ".svelte-kit", "tests"]);

/** What every command of the site needs to know of this checkout. */
export const siteEnvironment = {
  GRADUS_DATABASE_DIR: process.env.GRADUS_DATABASE_DIR ?? join(root, ".gradus", "database"),
};

/**
 * The secret of a site that somebody starts for themselves: made once, kept beside the embedded database, readable by
 * its owner only. Nothing where the environment says how the site is run (`NODE_ENV`), where its data are on a server,
 * whose sites must share one secret, or has a secret.
 */
export function ownSecret(environment = process.env) {
  const { NODE_ENV, DATABASE_URL, DATABASE_URL_FILE, GRADUS_SECRET, GRADUS_SECRET_FILE } = environment;
  if (NODE_ENV || DATABASE_URL || DATABASE_URL_FILE || GRADUS_SECRET || GRADUS_SECRET_FILE) return {};
  const folder = dirname(siteEnvironment.GRADUS_DATABASE_DIR);
  const file = join(folder, "secret");
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  }
  return { GRADUS_SECRET_FILE: file };
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) yield* files(path);
    } else if (entry.isFile() && !/\.test\.ts$/.test(entry.name)) yield path;
  }
}

/** A hash of everything that the build is made from. */
export function sourceHash() {
  const hash = createHash("sha256");
  const add = (path) =>
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update("\0");
  for (const path of files(siteFolder)) add(path);
  for (const folder of ["packages", "docs", join("apps", "docs")])
    for (const path of files(join(root, folder))) add(path);
  add(join(root, "package-lock.json"));
  return hash.digest("hex").slice(0, 16);
}

/** Writes the types that SvelteKit generates from the routes; type checks and tests read them. */
export function syncSite() {
  return runNode([bin.svelteKit, "sync"], { cwd: siteFolder });
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Links `own` as the lock; false while a process that lives has it. */
function take(own) {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  try {
    if (!isAlive(Number(readFileSync(lock, "utf8")))) rmSync(lock, { force: true });
  } catch (error) {
    // Given back in the meantime.
    if (error.code !== "ENOENT") throw error;
  }
  return false;
}

/** Waits until no other process builds the site, then keeps others waiting until `body` is done. */
async function alone(body) {
  // Linked, not written, so that nobody reads a lock without its process in it.
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  while (!take(own)) await new Promise((resolve) => setTimeout(resolve, 200));
  rmSync(own);
  try {
    return await body();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Builds the site for production unless the build is of these very sources; resolves to an exit status. */
export function ensureBuilt() {
  return alone(buildIfStale);
}

async function buildIfStale() {
  const wanted = sourceHash();
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return 0;
  console.log("gradus: building the site (once, until its sources change) ...");
  // Neither may stay of an earlier build: its sources may come back.
  rmSync(marker, { force: true });
  rmSync(finished, { force: true });
  const ended = await runNode([bin.vite, "build", "--logLevel", "error"], {
    cwd: siteFolder,
    stdio: ["ignore", "ignore", "inherit"],
    env: { NODE_ENV: "production", GRADUS_SOURCE_HASH: wanted },
  });
  // One that was interrupted ends with 0 too, and must not pass for whole.
  const status = ended === 0 && !existsSync(finished) ? 1 : ended;
  if (status === 0) writeFileSync(marker, wanted);
  else console.error(`gradus: the build of the site failed (exit status ${status}); its messages are above.`);
  return status;
}
