import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Printed } from "./program.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
const root = mkdtempSync(join(tmpdir(), "gradus without native-"));
const installed = join(root, "graph");
const PROGRAM = join("src", "runtime", "without-native", "program.ts");

/** This package and what it needs, but for the native runtime, in a folder with spaces in its path. */
beforeAll(() => {
  const home = (name: string) => dirname(findPackageJSON(name, import.meta.url) ?? "");
  const modules = join(root, "node_modules");
  for (const part of ["package.json", "src"])
    cpSync(join(repository, part), join(installed, part), { recursive: true });
  for (const name of ["@bufbuild/protobuf", "onnxruntime-common"])
    cpSync(home(name), join(modules, name), { recursive: true });
  const used = ["ort.node.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];
  mkdirSync(join(modules, "onnxruntime-web"));
  for (const file of ["package.json", ...used.map((name) => join("dist", name))])
    cpSync(join(home("onnxruntime-web"), file), join(modules, "onnxruntime-web", file));
});
afterAll(() => rmSync(root, { recursive: true }));

const environment = { ...process.env };
for (const name of Object.keys(environment))
  if (/^GRADUS_|^NODE_OPTIONS$/.test(name)) delete environment[name];

interface How {
  readonly place?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs Node, which has to end by itself with success. */
function node(args: readonly string[], { place = installed, env = {} }: How = {}) {
  return promisify(execFile)(process.execPath, args, { cwd: place, env: { ...environment, ...env } });
}

async function program(where: "here" | "worker", how?: How): Promise<{ printed: Printed; err: string }> {
  const { stdout, stderr } = await node([PROGRAM, where], how);
  return { printed: JSON.parse(stdout), err: stderr };
}

const NOTICE =
  /\[GRADUS_WASM\] GradusWarning: ONNX Runtime runs as WebAssembly because onnxruntime-node is not installed\./g;

function expectClose(found: readonly number[][], wanted: readonly number[][], tolerance: number) {
  expect(found.map(({ length }) => length)).toStrictEqual(wanted.map(({ length }) => length));
  found.forEach((values, k) => {
    values.forEach((value, i) => {
      expect(Math.abs(value - wanted[k][i])).toBeLessThan(tolerance);
    });
  });
}

describe("without the native package, and with it", () => {
  let native: Printed;
  beforeAll(async () => {
    const { printed, err } = await program("here", { place: repository, env: { GRADUS_RUNTIME: "native" } });
    expect(err).toBe("");
    native = printed;
  });

  test.each(["here", "worker"] as const)(
    "a program trains to the same numbers and fails with the same errors, %s, after one notice",
    async (where) => {
      const files = readdirSync(root, { recursive: true });
      const { printed, err } = await program(where);
      expect(printed.version).toBe(`${native.version} (WebAssembly)`);
      expectClose(printed.trained.f32, native.trained.f32, 1e-6);
      expectClose(printed.trained.f64, native.trained.f64, 1e-13);
      expect(printed.errors).toStrictEqual(native.errors);
      expect(printed.errors.join("\n")).not.toMatch(/no error|not typed/);
      expect(err.match(NOTICE)).toHaveLength(1);
      expect(readdirSync(root, { recursive: true })).toStrictEqual(files);
    },
  );

  test("whoever chooses WebAssembly gets no notice", async () => {
    const { printed, err } = await program("here", { place: repository, env: { GRADUS_RUNTIME: "wasm" } });
    expect(err).toBe("");
    expect(printed.version).toBe(`${native.version} (WebAssembly)`);
    expectClose(printed.trained.f64, native.trained.f64, 1e-13);
    expect(printed.errors).toStrictEqual(native.errors);
  });

  test("Node's own option silences the notice", async () => {
    const { stderr } = await node(["--disable-warning=GRADUS_WASM", PROGRAM, "worker"]);
    expect(stderr).toBe("");
  });

  test("GRADUS_THREADS decides the threads", async () => {
    for (const [threads, helpers] of [
      ["1", 0],
      ["3", 2],
    ] as const) {
      const { printed } = await program("here", { env: { GRADUS_THREADS: threads } });
      expect(printed.threads).toBe(helpers);
      expectClose(printed.trained.f64, native.trained.f64, 1e-13);
    }
  });
});

const script = (...lines: string[]) =>
  ['import { compile, f64, item, mul } from "@gradus/graph";', ...lines].join("\n");
const DOUBLE = "using program = await compile((x) => mul(x, 2), f64());";

test("GRADUS_RUNTIME=native is an error where there is none, which says why", async () => {
  const text = script("await compile((x) => x, f64()).catch((error) => console.log(String(error)));");
  const { stdout, stderr } = await node(["--input-type=module", "-e", text], {
    env: { GRADUS_RUNTIME: "native" },
  });
  expect(stdout).toBe(
    'UnsupportedError: GRADUS_RUNTIME is "native", but onnxruntime-node is not installed\n',
  );
  expect(stderr).toBe("");
});

test("a program that is given as text runs, though Node starts no threads from files for it", async () => {
  const text = script(DOUBLE, "console.log(item(await program.run(21)));");
  const { stdout, stderr } = await node(["--input-type=module", "-e", text]);
  expect(stdout).toBe("42\n");
  expect(stderr.match(NOTICE)).toHaveLength(1);
});

test("a process that may load no native libraries and start no threads runs on WebAssembly", async () => {
  const options = ["--permission", "--allow-fs-read=*", PROGRAM, "here"];
  const { stdout, stderr } = await node(options, { place: repository, env: { GRADUS_THREADS: "2" } });
  const { version, threads }: Printed = JSON.parse(stdout);
  expect({ version, threads }).toStrictEqual({ version: expect.stringMatching(/WebAssembly/), threads: 0 });
  expect(stderr.match(/GradusWarning: .*the library of onnxruntime-node could not be loaded/g)).toHaveLength(
    1,
  );
});

test("threads of a program's own repeat no notice", async () => {
  const inThread = script(DOUBLE, "console.log(item(await program.run(2)));");
  const text = script(
    DOUBLE,
    "console.log(item(await program.run(1)));",
    'const { Worker } = await import("node:worker_threads");',
    `new Worker(${JSON.stringify(inThread)}, { eval: true });`,
  );
  const { stdout, stderr } = await node(["--input-type=module", "-e", text]);
  expect(stdout).toBe("2\n4\n");
  expect(stderr.match(NOTICE)).toHaveLength(1);
});
