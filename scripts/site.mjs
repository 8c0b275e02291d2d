// Builds the site when its build is missing or older than its sources.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { provideBuild } from "../apps/site/server/builds.mjs";
import { alone } from "./lock.mjs";
import { hashOf } from "./source-hash.mjs";
import { bin, root, runNode } from "./workspace.mjs";

export const siteFolder = join(root, "apps", "site");

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

/** A hash of everything that the build is made from. */
export function sourceHash() {
  return hashOf(["apps/site", "packages", "docs", "apps/docs", "package-lock.json"]);
}

/** Writes the types that SvelteKit generates from the routes; type checks and tests read them. */
export function syncSite() {
  return runNode([bin.svelteKit, "sync"], { cwd: siteFolder });
}

/** Builds the site for production unless the build is of these very sources; resolves to an exit status. */
export function ensureBuilt() {
  return alone("building-site", buildIfStale);
}

async function buildIfStale() {
  const wanted = sourceHash();
  const status = await provideBuild(join(siteFolder, "build"), wanted, (folder) => {
    console.log("gradus: building the site (once, until its sources change) ...");
    return runNode([bin.vite, "build", "--logLevel", "error"], {
      cwd: siteFolder,
      stdio: ["ignore", "ignore", "inherit"],
      env: { NODE_ENV: "production", GRADUS_SOURCE_HASH: wanted, GRADUS_BUILD_FOLDER: folder },
    });
  });
  if (status !== 0)
    console.error(`gradus: the build of the site failed (exit status ${status}); its messages are above.`);
  return status;
}
