import { expect, test } from "vitest";
import { droppedFiles } from "./dropped-files.ts";

const file = (path: string) => ({
  isFile: true,
  isDirectory: false,
  fullPath: path,
  file: (take: (one: File) => void) => take(new File(["x"], path.split("/").at(-1) ?? "")),
});

/** A folder whose reader gives one entry at a time. */
const folder = (path: string, ...entries: object[]) => ({
  isFile: false,
  isDirectory: true,
  fullPath: path,
  createReader() {
    const left = [...entries];
    return { readEntries: (take: (some: object[]) => void) => take(left.splice(0, 1)) };
  },
});

const item = (entry: object | null, own: File | null, kind = "file") => ({
  kind,
  webkitGetAsEntry: () => entry as FileSystemEntry | null,
  getAsFile: () => own,
});

test("files of dropped folders keep their paths, others their names", async () => {
  const items = [
    item(
      folder(
        "/pets",
        folder("/pets/cat", file("/pets/cat/a.png"), file("/pets/cat/b.png")),
        folder("/pets/dog", file("/pets/dog/c.png")),
      ),
      null,
    ),
    item(file("/m.onnx"), new File(["x"], "m.onnx")),
    item(null, null, "string"),
  ];
  expect((await droppedFiles({ items })).map(({ path }) => path)).toEqual([
    "pets/cat/a.png",
    "pets/cat/b.png",
    "pets/dog/c.png",
    "m.onnx",
  ]);
});
