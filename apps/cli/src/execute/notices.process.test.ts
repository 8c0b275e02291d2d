// Notices and records of the command line without the native runtime.
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { folder, gradus } from "../fixture/program.ts";

/** Makes every process look for the native runtime where nothing is installed. */
const hook = `
  import { registerHooks } from "node:module";
  const nowhere = { parentURL: "file:///" };
  registerHooks({
    resolve: (name, context, next) =>
      next(name, name === "onnxruntime-node" ? { ...context, ...nowhere } : context),
  });`;
const absent = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(hook)}` };
const NOTICE = /ONNX Runtime runs as WebAssembly because onnxruntime-node is not installed\./g;

/** A text with its line wraps undone. */
const unwrapped = (text: string) => text.replace(/\s+/g, " ");

it("experiments in separate processes give one notice, and it is in their record", async () => {
  const { out, err } = await gradus("verify 4 12 --json", { FIXTURE_GRAPH: "1", ...absent }).ended;
  expect(unwrapped(err).match(NOTICE)).toHaveLength(1);
  expect(err).not.toContain("GradusWarning");
  expect(JSON.parse(out).claims.length).toBeGreaterThan(1);
  const [, id] = / show (\w+)/.exec(err) ?? [];
  const shown = await gradus(`show ${id}`, absent).ended;
  expect(shown.out).toMatch(/ONNX Runtime \d+\.\d+\.\d+ \(WebAssembly\)/);
  expect(shown.err).toBe("");
});

it("a user who chooses WebAssembly gets no notice, but it is in the record", async () => {
  const chosen = { GRADUS_RUNTIME: "wasm" };
  const { out, err } = await gradus("run 12", { FIXTURE_GRAPH: "1", ...chosen }).ended;
  expect(err).not.toContain("WebAssembly");
  const [, id] = / show (\w+)/.exec(out + err) ?? [];
  expect((await gradus(`show ${id}`).ended).out).toContain("(WebAssembly)");
});

it("a command that computes in its own process gives the notice in the same way, once", async () => {
  const module = relative(folder, fileURLToPath(new URL("../fixture/least-squares.ts", import.meta.url)));
  const { status, err } = await gradus(`spectrum ${module} --json`, absent).ended;
  expect(status, err).toBe(0);
  expect(unwrapped(err).match(NOTICE)).toHaveLength(1);
  expect(err).not.toMatch(/GradusWarning|GRADUS_WASM|trace-warnings|\(node:/);
});

it("peers in separate processes give one notice", async () => {
  const line = "collaborate --peers 2 --byzantine 0 --steps 1 --seed 1 --json";
  const { status, err } = await gradus(line, absent).ended;
  expect(status, err).toBe(0);
  expect(unwrapped(err).match(NOTICE)).toHaveLength(1);
});
