// This is a unit test itself: what its name rules out is refused here.
import { exec, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

test.each([
  ["started a process", () => exec("true")],
  ["started a process", () => spawn("true")],
  ["started a process", () => spawnSync("true")],
  ["started a thread", () => new Worker("1", { eval: true })],
  ["started a server", () => createServer().listen(0)],
  ["opened a connection", () => connect(80, "127.0.0.1")],
])("a unit test that %s is told which file name allows it", (what, start) => {
  expect(start).toThrow(`a unit test ${what}: name its file *.process.test.ts`);
});

test("nor does it reach a server by fetch", async () => {
  await expect(fetch("http://127.0.0.1:9")).rejects.toThrow();
});
