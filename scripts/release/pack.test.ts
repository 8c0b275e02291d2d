import { gzipSync } from "node:zlib";
import { createPackageFromTarballData } from "@arethetypeswrong/core";
import { expect, test } from "vitest";
import { packageOf } from "./pack.ts";

/** An entry of a tar archive (POSIX.1-1988, ustar): a header of 512 bytes, then the text in blocks of as many. */
function entry(path: string, text: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write("0000644\0", 100);
  header.write(`${text.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("        0", 148);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0) - "0".charCodeAt(0) + " ".charCodeAt(0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 0`, 148);
  return Buffer.concat([header, Buffer.from(text), Buffer.alloc(-text.length & 511)]);
}

test("attw is told of the folders that an archive has, and of no others", () => {
  const files = {
    "package/package.json": '{ "name": "@gradus/example", "version": "1.0.0" }',
    "package/dist/index.js": "export {};",
    "package/dist/deep/er/index.d.ts": "export {};",
  };
  const data = gzipSync(
    Buffer.concat([...Object.entries(files).map(([path, text]) => entry(path, text)), Buffer.alloc(1024)]),
  );
  const [found, plain] = [packageOf(data), createPackageFromTarballData(data)];
  expect(found.listFiles()).toHaveLength(3);
  const root = "/node_modules/@gradus/example";
  const folders = [
    "/",
    "/node_modules",
    "/node_modules/@gradus",
    root,
    `${root}/dist`,
    `${root}/dist/deep/er`,
  ];
  const others = ["/node", `${root}/dis`, `${root}/dist/index.js`, `${root}/dist/deep/e`, `${root}/none`];
  const see = (paths: readonly string[]) =>
    paths.flatMap((path) => [path, `${path}/`]).map((path) => [path, found.directoryExists(path)]);
  expect(see(folders.slice(1)).filter(([, there]) => !there)).toEqual([]);
  expect(see(others).filter(([, there]) => there)).toEqual([]);
  for (const path of [...folders, ...others].flatMap((each) => [each, `${each.replace(/\/$/, "")}/`]))
    expect(found.directoryExists(path), path).toBe(plain.directoryExists(path));
});
