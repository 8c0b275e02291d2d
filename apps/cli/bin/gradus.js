#!/usr/bin/env node
// Plain JavaScript for any Node from 20.19: an older Node hands over to Node 24, which the package `node` brings.
import { spawn } from "node:child_process";
import module, { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

function newerNode() {
  const manifest = createRequire(import.meta.url).resolve("node/package.json");
  return join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
}

function handOver() {
  const child = spawn(newerNode(), [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // The child decides what a signal means; this process lives as long as it does.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`gradus: Node 24 cannot be started (${error.message}); is the package "node" installed?`);
    process.exitCode = 3;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

if (Number.parseInt(process.versions.node, 10) < 24) handOver();
else {
  // What was compiled is kept, for the processes that compute too: a third of the time to start.
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME, LOCALAPPDATA, HOME } = process.env;
  const caches = XDG_CACHE_HOME || LOCALAPPDATA || (HOME && join(HOME, ".cache"));
  if (caches && !NODE_COMPILE_CACHE) {
    process.env.NODE_COMPILE_CACHE = join(caches, "gradus");
    module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  }
  const { start } = await import("../src/start.ts");
  await start(new URL(import.meta.resolve("@gradus/papers")));
}
