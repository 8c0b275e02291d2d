import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseLibsvm } from "gradus/data";
import { afterEach, expect, test } from "vitest";
import { libsvmFile } from "./libsvm-file.ts";

const folders: string[] = [];
const folder = () => {
  folders.push(mkdtempSync(join(tmpdir(), "gradus-bench-test-")));
  return folders[folders.length - 1];
};
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true });
});

test("one seed makes one file, of the size asked for, that the reader reads", () => {
  const bytes = readFileSync(libsvmFile(folder(), 1, 100_000));
  expect(readFileSync(libsvmFile(folder(), 1, 100_000)).equals(bytes)).toBe(true);
  expect(readFileSync(libsvmFile(folder(), 2, 100_000)).equals(bytes)).toBe(false);
  expect(bytes.length).toBeGreaterThanOrEqual(100_000);
  const { x, y } = parseLibsvm(bytes);
  expect(x.rows).toBe(bytes.toString().split("\n").length - 1);
  expect(x.values.length).toBe(bytes.toString().split(":").length - 1);
  expect(new Set(y)).toEqual(new Set([-1, 1]));
});

test("a file that is there is taken", () => {
  const cache = folder();
  const path = libsvmFile(cache, 1, 1000);
  writeFileSync(path, "1 1:1\n");
  expect(readFileSync(libsvmFile(cache, 1, 1000), "utf8")).toBe("1 1:1\n");
});
