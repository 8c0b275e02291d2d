// What every script needs first: the packages of package-lock.json, and Node 24 from the npm package `node`.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Has the hash of the lock file whose packages were installed. */
const marker = join(root, "node_modules", ".gradus-installed");

/** The path of Node 24, once installed. */
export const node24 = join(
  root,
  "node_modules",
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);

/**
 * Whether the packages of a lock file are all in the list that npm keeps of what it has installed. An optional one may
 * be missing, since other platforms need others, but not where a package of this checkout wants it: npm drops it silently
 * when its install script fails.
 */
export function isInstalled(wanted, installed) {
  const own = Object.entries(wanted.packages).filter(([path]) => !path.includes("node_modules/"));
  const named = new Set(
    own.flatMap(([, { optionalDependencies = {} }]) => Object.keys(optionalDependencies)),
  );
  return Object.entries(wanted.packages).every(([path, { version, integrity, optional }]) => {
    if (path === "") return true;
    const found = installed.packages[path];
    if (!found) return optional === true && !named.has(path.slice("node_modules/".length));
    return found.version === version && found.integrity === integrity;
  });
}

/** Whether `npm ci`, run by hand, has installed all of the lock file. */
function isInstalledByHand(lock) {
  const kept = join(root, "node_modules", ".package-lock.json");
  return existsSync(kept) && isInstalled(JSON.parse(lock), JSON.parse(readFileSync(kept, "utf8")));
}

/** Installs the locked packages when they are missing or others than the lock file's. */
export function ensureInstalled() {
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  const wanted = createHash("sha256").update(lock).digest("hex");
  if (existsSync(node24)) {
    if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
    if (isInstalledByHand(lock)) return writeFileSync(marker, wanted);
  }
  console.log("gradus: installing packages (once, about a minute) ...");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
    // The CPU libraries are inside the package; only the CUDA ones would be downloaded from elsewhere.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip", ONNXRUNTIME_NODE_INSTALL_CUDA: "skip" },
  });
  if (result.status !== 0) {
    console.error(
      `gradus: "npm ci" failed (exit status ${result.status ?? result.signal}); its messages are above.`,
    );
    process.exit(1);
  }
  if (!existsSync(node24)) {
    console.error(`gradus: the npm package "node" did not bring ${node24}; is its install script allowed?`);
    process.exit(1);
  }
  writeFileSync(marker, wanted);
}

/** Runs a command under Node 24 and resolves to its exit status; passes on Ctrl-C and termination. */
export function runNode(args, options = {}) {
  return new Promise((resolve) => {
    const path = [dirname(node24), join(root, "node_modules", ".bin"), process.env.PATH].join(
      process.platform === "win32" ? ";" : ":",
    );
    const child = spawn(node24, args, {
      cwd: root,
      stdio: "inherit",
      ...options,
      env: { ...process.env, ...options.env, PATH: path },
    });
    // Windows has told the child too, and `kill` would end it there without a word.
    const forward = (signal) => process.platform === "win32" || child.kill(signal);
    process.on("SIGINT", forward);
    process.on("SIGTERM", forward);
    child.on("exit", (code, signal) => {
      process.off("SIGINT", forward);
      process.off("SIGTERM", forward);
      resolve(code ?? (signal === "SIGINT" || signal === "SIGTERM" ? 0 : 1));
    });
  });
}

/** The path of a package's command, to be run with `runNode`. */
export const bin = {
  vitest: join(root, "node_modules", "vitest", "vitest.mjs"),
  tsc: join(root, "node_modules", "typescript", "bin", "tsc"),
  biome: join(root, "node_modules", "@biomejs", "biome", "bin", "biome"),
  vite: join(root, "node_modules", "vite", "bin", "vite.js"),
  svelteKit: join(root, "node_modules", "@sveltejs", "kit", "svelte-kit.js"),
  svelteCheck: join(root, "node_modules", "svelte-check", "bin", "svelte-check"),
};
