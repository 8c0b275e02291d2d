// `npm start` as somebody runs it who has set nothing up.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { unfitForLog } from "./log-scan.ts";
import { address } from "./server.ts";

const script = fileURLToPath(new URL("../../../scripts/start.mjs", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-start-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the site with these settings and no others. */
function start(settings: Readonly<Record<string, string>>) {
  const { NODE_ENV: _, DATABASE_URL: _url, ...inherited } = process.env;
  const child = spawn(process.execPath, [script], {
    env: { ...inherited, PORT: "0", GRADUS_DATABASE_DIR: join(folder, "database"), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data) => {
      output += data;
    });
  return { child, address: address(child, () => output), log: () => output };
}

test("it makes a secret of its own, which stays, for its owner's eyes, and says nothing of it", {
  timeout: 300_000,
}, async () => {
  const file = join(folder, "secret");
  const secrets: string[] = [];
  for (let i = 0; i < 2; i++) {
    const site = start({});
    const origin = await site.address;
    expect((await fetch(`${origin}/papers`)).status).toBe(200);
    site.child.kill("SIGTERM");
    expect((await once(site.child, "close"))[0]).toBe(0);
    secrets.push(readFileSync(file, "utf8"));
    expect(unfitForLog(site.log(), [secrets[i].trim()])).toEqual([]);
  }
  expect(Buffer.from(secrets[0], "base64")).toHaveLength(32);
  expect(secrets[1]).toBe(secrets[0]);
  expect(statSync(file).mode & 0o077).toBe(0);
});

test.each([[{ NODE_ENV: "production" }], [{ DATABASE_URL: "postgres://gradus@127.0.0.1:1/papers" }]])(
  "who runs it with %o brings the secret",
  async (settings) => {
    await expect(start(settings).address).rejects.toThrow("GRADUS_SECRET and GRADUS_SECRET_FILE are not set");
  },
);

test("a port that cannot be had is told before a database is made", { timeout: 60_000 }, async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const taken = other.address();
  const port = typeof taken === "object" && taken ? String(taken.port) : "";
  try {
    for (const [PORT, words] of [
      ["http", 'PORT must be a port number, got "http"'],
      [port, `port ${port} on 127.0.0.1 is already in use`],
    ]) {
      await expect(start({ PORT, HOST: "127.0.0.1" }).address).rejects.toThrow(words);
      expect(existsSync(join(folder, "database"))).toBe(false);
    }
  } finally {
    other.close();
  }
});
