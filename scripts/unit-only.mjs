// Set up before every file of unit tests: what they do without fails, with the file name under which it is there, and
// what a file changed for its tests is undone for the next.
import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import threads from "node:worker_threads";
import fc from "fast-check";
import { afterAll, expect, vi } from "vitest";

function refuse(what) {
  throw new Error(`a unit test ${what}: name its file *.process.test.ts (see CONTRIBUTING.md)`);
}

for (const name of ["exec", "execFile", "execFileSync", "execSync", "fork", "spawn", "spawnSync"])
  childProcess[name] = () => refuse("started a process");
threads.Worker = class {
  constructor() {
    refuse("started a thread");
  }
};
net.Server.prototype.listen = () => refuse("started a server");
net.Socket.prototype.connect = () => refuse("opened a connection");
syncBuiltinESMExports();

const environment = { ...process.env };
const folder = process.cwd();

afterAll(() => {
  fc.resetConfigureGlobal();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  expect(process.env, "the environment after a file's tests").toEqual(environment);
  expect(process.cwd(), "the working folder after a file's tests").toBe(folder);
});
