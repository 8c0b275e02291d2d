// Work that processes of one checkout must not do at the same time.
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./workspace.mjs";

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Links `own` as the lock; false while a process that lives has it. */
function take(own, lock) {
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

let calls = 0;

/** Waits until nobody does work of this name, here or in another process; others wait until `body` is done. */
export async function alone(name, body) {
  const lock = join(root, "node_modules", `.gradus-${name}`);
  // Linked, not written, so that nobody reads a lock without its process in it.
  const own = `${lock}.${process.pid}.${++calls}`;
  writeFileSync(own, String(process.pid));
  while (!take(own, lock)) await new Promise((resolve) => setTimeout(resolve, 200));
  rmSync(own);
  try {
    return await body();
  } finally {
    rmSync(lock, { force: true });
  }
}
