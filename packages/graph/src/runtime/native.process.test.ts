import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "gradus-native-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What becomes of the native runtime where its package has these files. */
async function found(files: Readonly<Record<string, string>>): Promise<unknown> {
  const place = mkdtempSync(join(folder, "a "));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(`node_modules/onnxruntime-node/${path}`, text);
  const native = JSON.stringify(join(import.meta.dirname, "native.ts"));
  write(
    "program.mjs",
    `import { loadNative } from ${native};
    const found = await loadNative(async () => (await import("onnxruntime-node")).default).catch((error) => error);
    const { name, message, absent, version } = found;
    console.log(JSON.stringify({ name, message, absent, version, cause: found.cause?.message }));`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ["program.mjs"], { cwd: place });
  return JSON.parse(stdout);
}

const manifest = { "package.json": '{ "main": "index.js" }' };

test("a package that is not installed is absent", async () => {
  expect(await found({})).toStrictEqual({ absent: "onnxruntime-node is not installed" });
});

test("so is one that Yarn's Plug'n'Play left out because it does not suit the platform", async () => {
  const words =
    "Required unplugged package missing from disk.\n\nMissing package: onnxruntime-node@npm:1.30.0\n";
  const thrown = `throw Object.assign(new Error(${JSON.stringify(words)}), { code: "MODULE_NOT_FOUND" })`;
  expect(await found({ ...manifest, "index.js": thrown })).toStrictEqual({
    absent: "onnxruntime-node is not installed",
  });
});

test("so is one without a library for the platform", async () => {
  expect(
    await found({
      ...manifest,
      "index.js": 'require("./bin/napi-v6/linux/riscv64/onnxruntime_binding.node")',
    }),
  ).toStrictEqual({ absent: `onnxruntime-node has no library for ${process.platform} ${process.arch}` });
});

test("so is one whose library the system refuses, and the system's words are the reason", async () => {
  const files = {
    ...manifest,
    "onnxruntime_binding.node": "no library",
    "index.js": 'require("./onnxruntime_binding.node")',
  };
  expect(await found(files)).toStrictEqual({
    absent: expect.stringMatching(
      /^the library of onnxruntime-node could not be loaded: .*onnxruntime_binding\.node.*$/,
    ),
  });
});

test.each([
  [
    "lacks a package of its own",
    { ...manifest, "index.js": 'require("onnxruntime-common")' },
    "Cannot find module 'onnxruntime-common'",
  ],
  ["lacks its main file", manifest, "Cannot find package '"],
  ["throws", { ...manifest, "index.js": 'throw new TypeError("out of luck")' }, "out of luck"],
  ["is not JavaScript", { ...manifest, "index.js": "const" }, "Unexpected"],
])("one that %s is broken, which is an error", async (_, files, reason) => {
  expect(await found(files)).toStrictEqual({
    name: "GraphError",
    message: expect.stringContaining(`onnxruntime-node is installed but broken: ${reason}`),
    cause: expect.stringContaining(reason),
  });
});
