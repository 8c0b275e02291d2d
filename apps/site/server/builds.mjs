// Builds of the site beside each other: a server keeps the files that it started with while another build is made.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A file with the name of the build that servers start. */
const CURRENT = "current";
/** A folder of a build with a file for each server that runs it, named by its process. */
const SERVERS = "servers";
/** The last file of a build that is written. */
const LAST = "handler.js";

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Makes a folder that may exist. Node's `recursive` does this too, but reports a read-only file system as ENOENT. */
function makeFolder(path) {
  try {
    mkdirSync(path);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

function isUsed(build) {
  const servers = join(build, SERVERS);
  return existsSync(servers) && readdirSync(servers).some((pid) => isAlive(Number(pid)));
}

/** The name of the build in `builds` that a server started now would run; undefined where there is none. */
function currentBuild(builds) {
  const pointer = join(builds, CURRENT);
  const name = existsSync(pointer) ? readFileSync(pointer, "utf8") : undefined;
  return name && existsSync(join(builds, name)) ? name : undefined;
}

/** Has servers start the build `name`; removes others, except the one before it and those that servers run. */
function switchTo(builds, name) {
  const kept = new Set([CURRENT, name, currentBuild(builds)]);
  const next = join(builds, "next");
  writeFileSync(next, name);
  renameSync(next, join(builds, CURRENT));
  for (const entry of readdirSync(builds))
    if (!kept.has(entry) && !isUsed(join(builds, entry)))
      rmSync(join(builds, entry), { recursive: true, force: true });
}

/**
 * Makes `name` the current build in the folder `builds`. Where it is not among those that were kept, `build` writes it into
 * the folder that it is given. Resolves to the exit status of `build`; where that is not 0, the current build stays.
 */
export async function provideBuild(builds, name, build) {
  if (currentBuild(builds) === name) return 0;
  if (!existsSync(join(builds, name))) {
    // Under another name until it is whole: a build may be interrupted, and its sources may come back.
    const part = join(builds, `${name}.part`);
    rmSync(part, { recursive: true, force: true });
    mkdirSync(builds, { recursive: true });
    const status = await build(part);
    // One that was interrupted ends with 0 too, and must not pass for whole.
    if (status !== 0 || !existsSync(join(part, LAST))) return status || 1;
    renameSync(part, join(builds, name));
  }
  switchTo(builds, name);
  return 0;
}

/**
 * The path of the module that handles requests in the current build, whose files stay until this process ends. Where the
 * process may not write there, as under the systemd unit, they stay until the build after the next.
 * @throws Error when the site is not built
 */
export function useCurrentBuild(builds) {
  const name = currentBuild(builds);
  if (!name) throw new Error('the site is not built; run "npm run build"');
  const servers = join(builds, name, SERVERS);
  const own = join(servers, String(process.pid));
  try {
    makeFolder(servers);
    writeFileSync(own, "");
    process.on("exit", () => rmSync(own, { force: true }));
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS"].includes(error.code)) throw error;
  }
  return join(builds, name, LAST);
}
