import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ArgumentError, DataError, DataMissingError } from "../check/errors.ts";
import { dataDirectory, installedCopy, readDataFile, setDataDirectory } from "./data-directory.ts";
import { loadMnist } from "./mnist.ts";

let folder = "";

function put(name: string, bytes: number[]): Promise<void> {
  return writeFile(join(folder, name), gzipSync(Uint8Array.from(bytes)));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus data-"));
  vi.stubEnv("GRADUS_DATA_DIR", folder);
  // two images of 1 x 2 pixels
  const images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 128, 255, 7];
  await put("mnist-t10k-images-idx3-ubyte.gz", images);
  await put("mnist-t10k-labels-idx1-ubyte.gz", [0, 0, 8, 1, 0, 0, 0, 2, 7, 2]);
  await put("fashion-mnist-train-images-idx3-ubyte.gz", images);
  await put("fashion-mnist-train-labels-idx1-ubyte.gz", [0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]);
  await put("fashion-mnist-t10k-images-idx3-ubyte.gz", images);
  await put("fashion-mnist-t10k-labels-idx1-ubyte.gz", [0, 0, 8, 1, 0, 0, 0, 2, 7, 10]);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test("reads images and labels in file order", async () => {
  const images = await loadMnist();
  expect(images).toMatchObject({ name: "mnist test", n: 2, height: 1, width: 2, license: "CC BY-SA 3.0" });
  expect(images.pixels).toEqual(Uint8Array.of(0, 128, 255, 7));
  expect(images.labels).toEqual(Uint8Array.of(7, 2));
  expect(images.classNames[images.labels[0]]).toBe("7");
});

test("names the missing file and says how to get it", async () => {
  const missing = loadMnist({ set: "mnist", split: "train" });
  await expect(missing).rejects.toThrow(DataMissingError);
  await expect(missing).rejects.toThrow(
    `mnist-train-images-idx3-ubyte.gz is not in the data folder ${pathToFileURL(folder).pathname}/: ` +
      'fetch it with downloadDataset("mnist"), or set its folder in the environment variable GRADUS_DATA_DIR',
  );
});

test("rejects files that do not belong together", async () => {
  const different = loadMnist({ set: "fashion-mnist", split: "train" });
  await expect(different).rejects.toThrow(DataError);
  await expect(different).rejects.toThrow("must have 2 labels");
  await expect(loadMnist({ set: "fashion-mnist", split: "test" })).rejects.toThrow(
    "labels must be 0 .. 9, got 10 at index 1",
  );
});

test("a data file's name cannot leave the folder", async () => {
  await expect(readDataFile("../secret")).rejects.toThrow(ArgumentError);
  await expect(readDataFile("..")).rejects.toThrow(ArgumentError);
});

test("a data file comes back decompressed", async () => {
  await put("odd #name?.csv.gz", [65, 66]);
  expect(await readDataFile("odd #name?.csv.gz")).toEqual(Uint8Array.of(65, 66));
});

test("a file that the system installed is read where the data directory lacks it", async () => {
  await put("elsewhere.gz", [1, 2, 3]);
  const installed = new URL("elsewhere.gz", pathToFileURL(`${folder}/`));
  expect(await readDataFile("here.csv.gz", { installed })).toEqual(Uint8Array.of(1, 2, 3));
  await put("here.csv.gz", [4]);
  expect(await readDataFile("here.csv.gz", { installed })).toEqual(Uint8Array.of(4));
  expect(installedCopy("fashion-mnist-t10k-labels-idx1-ubyte.gz")?.pathname).toBe(
    "/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz",
  );
  expect(installedCopy("mnist-t10k-labels-idx1-ubyte.gz")).toBeUndefined();
});

test("the data directory is GRADUS_DATA_DIR, else gradus in the cache that XDG names, else in ~/.cache", () => {
  const own = dataDirectory();
  expect(own?.href).toBe(`${pathToFileURL(folder).href}/`);
  vi.stubEnv("GRADUS_DATA_DIR", "");
  vi.stubEnv("XDG_CACHE_HOME", "/var/cache/me");
  expect(dataDirectory()?.pathname).toBe("/var/cache/me/gradus/");
  vi.stubEnv("XDG_CACHE_HOME", "relative");
  expect(dataDirectory()?.href).toBe(pathToFileURL(`${join(homedir(), ".cache/gradus")}/`).href);
  vi.stubEnv("GRADUS_DATA_DIR", folder);
});

test("the folder that was set stands before the environment's, until it is taken back", () => {
  const before = dataDirectory();
  setDataDirectory(new URL("https://example.org/data/"));
  expect(dataDirectory()?.href).toBe("https://example.org/data/");
  setDataDirectory(undefined);
  expect(dataDirectory()).toEqual(before);
  for (const wrong of [new URL("https://example.org/data"), "https://example.org/data/" as never])
    expect(() => setDataDirectory(wrong)).toThrow("directory must be a URL that ends in a slash, got");
});
