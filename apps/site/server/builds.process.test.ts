import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { provideBuild, useCurrentBuild } from "./builds.mjs";

let builds: string;
beforeEach(() => {
  builds = join(mkdtempSync(join(tmpdir(), "gradus-builds-")), "build");
});
afterEach(() => rmSync(join(builds, ".."), { recursive: true }));

/** A build that is interrupted before its last file where it is not `whole`. */
const build = (whole: boolean, status: number) => async (folder: string) => {
  mkdirSync(folder);
  writeFileSync(join(folder, "server.js"), "");
  if (whole) writeFileSync(join(folder, "handler.js"), "");
  return status;
};
const provide = (name: string) => provideBuild(builds, name, build(true, 0));
const kept = () => readdirSync(builds).sort();

/** A program that prints the path of the current build's handler. */
const printHandler = () => `
  import { useCurrentBuild } from ${JSON.stringify(fileURLToPath(new URL("builds.mjs", import.meta.url)))};
  console.log(useCurrentBuild(${JSON.stringify(builds)}));`;
const evaluated = (program: string) => [process.execPath, "--input-type=module", "--eval", program];

/** A process that uses the current build until it is killed. */
async function use() {
  const [node, ...words] = evaluated(`${printHandler()}
    process.on("SIGTERM", () => process.exit());
    setInterval(() => {}, 1000);`);
  const child = spawn(node, words);
  const [path] = await once(child.stdout, "data");
  return {
    handler: String(path).trim(),
    async end(signal: NodeJS.Signals) {
      const closed = once(child, "close");
      child.kill(signal);
      await closed;
    },
  };
}

test("the last two builds are kept, and any that a server runs, whichever way it ended", async () => {
  await provide("a");
  const servers = [await use(), await use()];
  expect(servers[0].handler).toBe(join(builds, "a", "handler.js"));
  for (const name of ["b", "c", "d"]) expect(await provide(name)).toBe(0);
  expect(kept()).toEqual(["a", "c", "current", "d"]);
  await servers[0].end("SIGTERM");
  await provide("e");
  expect(kept()).toEqual(["a", "current", "d", "e"]);
  await servers[1].end("SIGKILL");
  await provide("f");
  expect(kept()).toEqual(["current", "e", "f"]);
});

test("sources that come back have their build, if it was kept", async () => {
  await provide("a");
  await provide("b");
  const never = () => Promise.reject(new Error("built again"));
  expect(await provideBuild(builds, "b", never)).toBe(0);
  expect(await provideBuild(builds, "a", never)).toBe(0);
  const server = await use();
  expect(server.handler).toBe(join(builds, "a", "handler.js"));
  await server.end("SIGTERM");
});

test.each([
  ["fails", build(true, 3), 3],
  ["is interrupted with status 0", build(false, 0), 1],
])("a build that %s leaves the current one, and is made anew", async (_, failing, status) => {
  await provide("a");
  expect(await provideBuild(builds, "b", failing)).toBe(status);
  const server = await use();
  expect(server.handler).toBe(join(builds, "a", "handler.js"));
  await server.end("SIGTERM");
  expect(await provide("b")).toBe(0);
  expect(kept()).toEqual(["a", "b", "current"]);
  expect(existsSync(join(builds, "b", "handler.js"))).toBe(true);
});

test("what an interrupted build and the former layout left is removed", async () => {
  mkdirSync(join(builds, "client"), { recursive: true });
  writeFileSync(join(builds, "handler.js"), "");
  await provideBuild(builds, "a", build(false, 0));
  await provide("b");
  expect(kept()).toEqual(["b", "current"]);
});

/** Runs a command that sees a folder read-only, as under the systemd unit. */
const readOnly = (folder: string, ...command: string[]) =>
  spawnSync(
    "unshare",
    [
      ...["--user", "--map-root-user", "--mount", "sh", "-ec"],
      'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"; exec "$@"',
      folder,
      ...command,
    ],
    { encoding: "utf8" },
  );
const canMount = readOnly(tmpdir(), "true").status === 0;
if (!canMount) console.warn("this user may not mount: no server is started on a read-only file system");

test.skipIf(!canMount)(
  "a server starts where it may not write (skipped where mounting is forbidden)",
  async () => {
    await provide("a");
    const { stdout, stderr } = readOnly(builds, ...evaluated(printHandler()));
    expect({ stdout: stdout.trim(), stderr }).toEqual({
      stdout: join(builds, "a", "handler.js"),
      stderr: "",
    });
  },
);

test("without a build the error names the command that makes one", () => {
  expect(() => useCurrentBuild(builds)).toThrow('the site is not built; run "npm run build"');
});
