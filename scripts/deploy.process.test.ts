// The files with which a site is operated, and the guide to them. What needs a tool that is not here is skipped.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const unit = read("deploy/gradus.service");
const container = read("Containerfile");
const guide = read("docs/operate.md");
const { scripts }: { scripts: Record<string, string> } = JSON.parse(read("package.json"));

const found = (command: string, ...words: string[]) => spawnSync(command, words).status === 0;
const hasSystemd = found("systemd-analyze", "--version");
const hasCaddy = found("caddy", "version");
if (!hasSystemd) console.warn("there is no systemd-analyze: the unit is not verified");
if (!hasCaddy) console.warn("there is no caddy: its configuration is not validated");

/** The values of a key of the unit. */
const values = (key: string) =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value]) => value);
/** Its environment, by name. */
const environment = new Map(
  values("Environment").flatMap((line) => line.split(" ").map((pair) => pair.split("=") as [string, string])),
);
/** The settings that the site, its adapter and its commands read. */
const known = new Set(
  [
    "apps/site/src/lib/server/site.ts",
    "apps/site/src/lib/server/secrets.ts",
    "apps/site/src/lib/server/mail/transport.ts",
    "apps/site/src/lib/server/ingestion/settings.ts",
    "apps/site/src/lib/server/mail/keys.ts",
    "packages/database/src/mail-settings.ts",
    "apps/site/src/lib/server/api/conventions.ts",
    "apps/site/src/lib/server/jobs/backup/nightly.ts",
    "apps/site/src/lib/server/search/logged-search.ts",
    "apps/site/src/lib/server/http/metrics.ts",
    "apps/cli/src/main.ts",
    "apps/cli/src/start.ts",
    "apps/cli/src/sweep/database.ts",
  ].flatMap((path) => read(path).match(/\b(?:GRADUS_[A-Z_]+|DATABASE_URL(?:_FILE)?)\b/g) ?? []),
);
for (const name of ["HOST", "PORT", "ORIGIN", "ADDRESS_HEADER", "XFF_DEPTH", "NODE_ENV"]) known.add(name);
for (const name of [
  "GRADUS_SECRET",
  "GRADUS_SMTP_URL",
  "GRADUS_DKIM_KEY",
  "GRADUS_BOUNCE_SECRET",
  "DATABASE_URL",
])
  known.add(`${name}_FILE`);

describe("the unit", () => {
  test("starts the server with Node 24 of the installation, and stops it gently", () => {
    expect(values("ExecStart")).toEqual(["/opt/gradus/node_modules/.bin/node apps/site/server/main.ts"]);
    expect(values("WorkingDirectory")).toEqual(["/opt/gradus"]);
    // Longer than requests have to finish.
    const [, patience = ""] = /STOP_PATIENCE = ([\d_]+)/.exec(read("apps/site/server/main.ts")) ?? [];
    expect(Number(values("TimeoutStopSec")[0]) * 1000).toBeGreaterThan(Number(patience.replace("_", "")));
  });

  test("sets only what is read, keeps all data in its state folder, and has no secret in it", () => {
    for (const name of environment.keys()) expect(known, name).toContain(name);
    for (const name of ["GRADUS_HOME", "GRADUS_DATABASE_DIR", "GRADUS_BACKUP_DIR", "GRADUS_MAIL_DIR"])
      expect(environment.get(name)).toMatch(/^\/var\/lib\/gradus/);
    expect(values("StateDirectory")).toEqual(["gradus"]);
    expect(environment.get("GRADUS_SECRET_FILE")).toBe("%d/secret");
    expect(environment.has("GRADUS_SECRET")).toBe(false);
    // Rate limits count by the header, which only a proxy in front may set.
    expect([environment.get("HOST"), environment.get("ADDRESS_HEADER")]).toEqual([
      "127.0.0.1",
      "X-Forwarded-For",
    ]);
  });

  test.skipIf(!hasSystemd)("is valid, and as closed as systemd can tell (skipped without systemd)", () => {
    const folder = mkdtempSync(join(tmpdir(), "gradus-unit-"));
    try {
      const file = join(folder, "gradus.service");
      // The program need not be installed here.
      writeFileSync(file, unit.replaceAll(/^ExecStart=\S+/gm, `ExecStart=${process.execPath}`));
      const verified = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
      expect(verified.stderr.split("\n").filter((line) => line.includes("gradus.service"))).toEqual([]);
      const security = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=25", file], {
        encoding: "utf8",
      });
      expect(security.status, security.stdout.trimEnd().split("\n").at(-1)).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test.skipIf(!hasCaddy)(
  "the proxy's configuration is valid and leads to the unit's port (skipped without caddy)",
  () => {
    const file = join(root, "deploy", "Caddyfile");
    const checked = spawnSync("caddy", ["validate", "--adapter", "caddyfile", "--config", file], {
      encoding: "utf8",
      // Where it would keep certificates.
      env: { ...process.env, HOME: tmpdir() },
    });
    expect(checked.status, checked.stderr).toBe(0);
    expect(read("deploy/Caddyfile")).toContain(
      `reverse_proxy ${environment.get("HOST")}:${environment.get("PORT")}`,
    );
  },
);

test("the proxy takes whatever the site takes", () => {
  const [, most = ""] = /max_size (\d+)MiB/.exec(read("deploy/Caddyfile")) ?? [];
  const [, largest = ""] =
    /LARGEST_FILE = (\d+) \* 1024 \* 1024;/.exec(read("apps/site/src/lib/server/http/body-limit.ts")) ?? [];
  expect(Number(largest)).toBeGreaterThan(0);
  // The file comes in a form.
  expect(Number(most)).toBeGreaterThan(Number(largest));
});

test("the container is built by the steps of the guide, and runs as the unit does but for its folders", () => {
  const steps = [...container.matchAll(/^RUN (npm .*)$/gm)].flatMap(([, line]) => line.split(" && "));
  // In the same layer: what a later one removes is in the image nonetheless.
  expect(steps.pop()).toBe("rm -rf /root/.npm /tmp/* apps/site/.svelte-kit");
  expect(steps).toEqual(["npm ci", "npm run build"]);
  for (const step of steps) expect(guide).toContain(`\n${step}\n`);
  expect(scripts.build).toBeDefined();
  expect(container).toContain('CMD ["node_modules/.bin/node", "apps/site/server/main.ts"]');
  expect(container).toMatch(/^USER node$/m);
  const [mode] = values("StateDirectoryMode");
  expect(container).toContain(`RUN mkdir -m ${Number(mode)} /data && chown node:node /data`);
  const [, settings = ""] = /^ENV ((?:.*\\\n)*.*)$/m.exec(container) ?? [];
  const names = settings
    .split(/[\s\\]+/)
    .filter(Boolean)
    .map((pair) => pair.split("=")[0]);
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(environment.has(name), name).toBe(true);
});

describe("the guide", () => {
  test("names files of the repository that are there", () => {
    const paths = [...guide.matchAll(/\/opt\/gradus\/((?:deploy|apps)\/[\w./-]+)/g)].map(([, path]) => path);
    expect(paths.length).toBeGreaterThan(2);
    for (const path of paths) expect(read(path).length, path).toBeGreaterThan(0);
    const [, command = ""] = /node (apps\/cli\/bin\/\S+) "\$@"/.exec(guide) ?? [];
    expect(read(command).length).toBeGreaterThan(0);
  });

  test("explains settings that are read", () => {
    const explained = [...guide.matchAll(/^\| (`[A-Z_`, ]+) \|/gm)].flatMap(
      ([, cell]) => cell.match(/[A-Z_]{4,}/g) ?? [],
    );
    expect(explained.length).toBeGreaterThan(10);
    for (const name of explained) expect(known, name).toContain(name);
  });

  test("has only commands that gradus and npm have", () => {
    for (const [, command] of guide.matchAll(/^gradus ([a-z]+)/gm))
      expect(read("apps/cli/public-names.txt")).toContain(`gradus ${command}`);
    for (const [, script] of guide.matchAll(/npm run ([a-z]+)/g))
      expect(scripts[script], script).toBeDefined();
  });
});
