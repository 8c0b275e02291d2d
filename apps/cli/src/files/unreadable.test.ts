import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unreadable } from "./unreadable.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-unreadable-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("says why the system refuses a file", async () => {
  const reasonOf = async (file: string) =>
    readFile(file).then(
      () => "",
      (cause: unknown) => unreadable("a.onnx", cause),
    );
  expect(await reasonOf(join(folder, "a.onnx"))).toBe("a.onnx cannot be read: no such file");
  expect(await reasonOf(folder)).toBe("a.onnx cannot be read: it is a folder");
  expect(unreadable("a.onnx", new Error("input/output error"))).toBe(
    "a.onnx cannot be read: input/output error",
  );
});
