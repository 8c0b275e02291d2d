// Another build while the server of the first runs, in a copy of this checkout.
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type TestServer } from "./server.ts";
import { copySeeded } from "./shared.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
let checkout: string;
let builds: string;
const servers: TestServer[] = [];
/** How many times as long as a look at all files the pause after it is: looking takes time from the build. */
const PAUSE = 9;
/** Milliseconds between two looks at most: on a slow machine, too, there is more than one while it is built. */
const LONGEST_PAUSE = 10_000;
let building: ChildProcess | undefined;

const start = async () => {
  const server = await startServer({ checkout, folder: copySeeded() });
  servers.push(server);
  return server.origin;
};

/** A copy of what the site's own build is made from, with links to all else, and with the build of this checkout. */
beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), "gradus-checkout-"));
  builds = join(checkout, "apps", "site", "build");
  mkdirSync(join(checkout, "apps"));
  for (const path of ["scripts", "package.json", "package-lock.json"])
    cpSync(join(root, path), join(checkout, path), { recursive: true });
  const site = join(root, "apps", "site");
  const own = (path: string) => !["node_modules", ".svelte-kit", "tests"].includes(relative(site, path));
  cpSync(site, join(checkout, "apps", "site"), { recursive: true, filter: own });
  for (const path of ["packages", "docs", "node_modules", "apps/docs", "apps/cli", "apps/site/node_modules"])
    symlinkSync(join(root, path), join(checkout, path));
});
afterAll(async () => {
  building?.kill("SIGKILL");
  for (const server of servers) await server.stop().finally(() => server.remove());
  rmSync(checkout, { recursive: true, force: true });
});

const current = () => readFileSync(join(builds, "current"), "utf8");
const title = async (origin: string) =>
  /<title>(.*?)<\/title>/.exec((await ask(`${origin}/about`)).body.toString())?.[1];

/** The addresses of all files that pages load from a build. */
function clientFiles(build: string): string[] {
  const folder = join(builds, build, "client");
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name))
    .map((entry) => `/${relative(folder, join(entry.parentPath, entry.name))}`);
}

/** Asks on a connection of its own: one that is kept may end while a busy machine has no time for its next request. */
async function ask(url: string) {
  const [answered] = await once(get(url, { agent: false }), "response");
  const response: IncomingMessage = answered;
  return {
    status: response.statusCode,
    type: response.headers["content-type"] ?? "",
    body: await buffer(response),
  };
}

/** What the server answers at each address: its status, and a hash of the bytes without what every request has anew. */
async function answers(origin: string, addresses: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const address of addresses) {
    const { status, type, body } = await ask(origin + address);
    const stable = type.startsWith("text/html") ? body.toString().replaceAll(/nonce="[^"]*"/g, "") : body;
    found.push(`${status} ${address} ${createHash("sha256").update(stable).digest("hex")}`);
  }
  return found;
}

test("a server answers with its own files before, during and after the build of another version", {
  timeout: 900_000,
}, async () => {
  const first = current();
  const origin = await start();
  const pages = ["/about", "/papers/2506.13710", "/docs", "/model", "/no/such/page"];
  const addresses = [...pages, ...clientFiles(first)];
  expect(addresses.length).toBeGreaterThan(200);
  const before = await answers(origin, addresses);
  expect(before.filter((answer) => !answer.startsWith("200"))).toEqual([
    expect.stringMatching(/^404 \/no\/such\/page /),
  ]);
  expect(await title(origin)).toBe("About and privacy · gradus");

  const page = join(checkout, "apps/site/src/routes/about/+page.svelte");
  writeFileSync(page, readFileSync(page, "utf8").replaceAll("About", "Another about"));
  building = spawn(process.execPath, [join(checkout, "scripts", "build.mjs")], { stdio: "inherit" });
  const built = once(building, "exit");
  let looks = 0;
  while (building.exitCode === null && building.signalCode === null) {
    const begun = performance.now();
    expect(await answers(origin, addresses)).toEqual(before);
    looks++;
    const pause = Math.min(PAUSE * (performance.now() - begun), LONGEST_PAUSE);
    await Promise.race([built, delay(pause)]);
  }
  expect(await built).toEqual([0, null]);
  expect(looks).toBeGreaterThan(1);

  expect(current()).not.toBe(first);
  expect(await answers(origin, addresses)).toEqual(before);
  const next = await start();
  expect(await title(next)).toBe("Another about and privacy · gradus");
  const nextFiles = await answers(next, clientFiles(current()));
  expect(nextFiles.filter((answer) => !answer.startsWith("200"))).toEqual([]);
});
