import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { precompress } from "./precompress.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-precompress-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("every compressible file gets both encodings of its own content, equal files the same ones", async () => {
  const content = {
    "page.js": "let step = 1;\n".repeat(100),
    "deeper/worker.js": "let step = 1;\n".repeat(100),
    "other.css": "p { margin: 0 }\n".repeat(50),
    "engine.wasm": "\0asm".repeat(300_000),
    "empty.txt": "",
  };
  mkdirSync(join(folder, "deeper"));
  for (const [name, text] of Object.entries(content)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "picture.png"), "a picture is compressed already");
  expect((await precompress(folder)).sort()).toEqual(Object.keys(content).sort());
  for (const [name, text] of Object.entries(content)) {
    const file = join(folder, name);
    expect(brotliDecompressSync(readFileSync(`${file}.br`)).toString(), name).toBe(text);
    expect(gunzipSync(readFileSync(`${file}.gz`)).toString(), name).toBe(text);
  }
  expect(existsSync(join(folder, "picture.png.gz"))).toBe(false);
});

test("without a folder there is nothing to compress", async () => {
  expect(await precompress(join(folder, "none"))).toEqual([]);
});
