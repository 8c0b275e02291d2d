#!/usr/bin/env node
import process from "node:process";

// Plain JavaScript, so that an old Node gets as far as this sentence.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(`create-gradus needs Node 22.12 or later; this is Node ${process.versions.node}`);
  process.exitCode = 3;
} else {
  const { start } = await import("#start");
  await start();
}
