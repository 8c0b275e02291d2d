#!/usr/bin/env node
// Plain JavaScript for any Node from 20.19: one that is too old hands over to the package `node`, where there is one.
import { spawn } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import module, { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const program = import.meta.resolve("#start");
// The repository's sources have their types stripped by Node; what is published is compiled for older ones.
const oldest = program.endsWith(".ts") ? [24, 0] : [22, 12];

function isOld(version) {
  const [major, minor] = version.split(".").map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}

/** The Node that the package `node` brings; undefined where there is none, or none that is new enough. */
function newerNode() {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve("node/package.json");
    if (isOld(require(manifest).version)) return undefined;
    return join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    return undefined;
  }
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  // The child decides what a signal means; this process lives as long as it does. On Windows the console has told the
  // child too, and `kill` would end it before it has written anything.
  const passOn = (signal) => process.platform === "win32" || child.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, passOn);
  child.on("error", (error) => {
    console.error(`gradus: the Node of the package "node" cannot be started (${error.message})`);
    process.exitCode = 3;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

const isFolder = (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Makes a folder below one that is there, not below /proc, where Node's own way to make the cache never ends. */
function canMake(folder) {
  try {
    if (!isFolder(folder)) mkdirSync(folder);
    return true;
  } catch {
    // Another process may make it at the same time.
    return isFolder(folder);
  }
}

async function run() {
  // What was compiled is kept, for the processes that compute too: a third of the time to start.
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME, LOCALAPPDATA, HOME } = process.env;
  const caches = XDG_CACHE_HOME || LOCALAPPDATA || (HOME && join(HOME, ".cache"));
  if (
    caches &&
    !NODE_COMPILE_CACHE &&
    isAbsolute(caches) &&
    canMake(caches) &&
    canMake(join(caches, "gradus"))
  ) {
    process.env.NODE_COMPILE_CACHE = join(caches, "gradus");
    module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  }
  const { start } = await import(program);
  await start(new URL(import.meta.resolve("@gradus/papers")));
}

const { node: version } = process.versions;
const newer = isOld(version) ? newerNode() : undefined;
if (!isOld(version)) await run();
else if (newer) handOver(newer);
else {
  console.error(`gradus needs Node ${oldest.join(".")} or later; this is Node ${version}`);
  process.exitCode = 3;
}
