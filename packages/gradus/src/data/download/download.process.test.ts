import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { catalogueEntry, downloadableSets } from "./catalogue.ts";
import { downloadDataset, missingFiles } from "./download.ts";
import type { DownloadableName } from "./names.ts";

describe("the catalogue", () => {
  const files = Object.values(downloadableSets).flatMap((set) => set.files);

  test("has one entry a file name, and every address ends in the file it is of", () => {
    expect(new Set(files.map((file) => file.name)).size).toBe(files.length);
    for (const file of files) {
      expect(catalogueEntry(file.name)?.file).toBe(file);
      for (const url of file.urls) {
        const published = new URL(url).pathname.split("/").at(-1) ?? "";
        expect(file.name.includes(published), `${file.name} from ${url}`).toBe(true);
      }
    }
    expect(catalogueEntry("other.csv")).toBeUndefined();
  });

  test("can check every file, and fetches unencrypted only what has a checksum", () => {
    for (const file of files) {
      expect(file.sha256 !== undefined || file.libsvm !== undefined, file.name).toBe(true);
      if (file.sha256 !== undefined) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
      else expect(file.urls.every((url) => url.startsWith("https:"))).toBe(true);
    }
  });
});

describe("downloadDataset", () => {
  let folder = "";
  let asked: string[] = [];
  const rows = "-1 1:1\n".repeat(208);
  const server = createServer(({ url }, response) => {
    asked.push(url ?? "");
    response.end(url?.endsWith("sonar_scale") ? rows : "-1 1:1\n");
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    // the publishers' addresses, answered by the server of this test
    const real = globalThis.fetch;
    vi.stubGlobal("fetch", (url: string, options: RequestInit) =>
      real(`http://127.0.0.1:${port}${new URL(url).pathname}`, options),
    );
    folder = await mkdtemp(join(tmpdir(), "gradus sets-"));
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  test("fetches what is missing, once, also for callers at the same time", async () => {
    const directory = pathToFileURL(`${folder}/`);
    expect((await missingFiles("sonar_scale", { directory })).map(({ name }) => name)).toEqual([
      "sonar_scale.libsvm.txt",
    ]);
    const both = await Promise.all([
      downloadDataset("sonar_scale", { directory }),
      downloadDataset("sonar_scale", { directory }),
    ]);
    expect(both.flat().map(({ pathname }) => pathname.split("/").at(-1))).toEqual(["sonar_scale.libsvm.txt"]);
    expect(await readFile(join(folder, "sonar_scale.libsvm.txt"), "utf8")).toBe(rows);
    expect(asked).toEqual(["/~cjlin/libsvmtools/datasets/binary/sonar_scale"]);
    expect(await missingFiles("sonar_scale", { directory })).toEqual([]);
    expect(await downloadDataset("sonar_scale", { directory })).toEqual([]);
  });

  test("refuses a LIBSVM file with another number of rows, and keeps the files before it", async () => {
    const directory = pathToFileURL(`${folder}/`);
    await writeFile(join(folder, "splice.libsvm.txt"), "mine");
    await expect(downloadDataset("splice", { directory })).rejects.toThrow(
      "splice.t.libsvm.txt must have 2175 rows, got 1",
    );
    expect(await readFile(join(folder, "splice.libsvm.txt"), "utf8")).toBe("mine");
  });

  test("refuses bytes that are not the published ones, from every mirror", async () => {
    asked = [];
    const directory = pathToFileURL(`${folder}/`);
    const got = createHash("sha256").update("-1 1:1\n").digest("hex");
    const failed = downloadDataset("mnist", { directory });
    await expect(failed).rejects.toThrow(`got ${got}`);
    expect(asked).toEqual([
      "/mnist/train-images-idx3-ubyte.gz",
      "/cvdf-datasets/mnist/train-images-idx3-ubyte.gz",
    ]);
  });

  test("tells an unknown name the known ones, and heeds the signal", async () => {
    const other: string = "imagenet";
    await expect(downloadDataset(other as DownloadableName)).rejects.toThrow(ArgumentError);
    const signal = AbortSignal.abort(new Error("not now"));
    await expect(downloadDataset("w8a", { directory: pathToFileURL(`${folder}/`), signal })).rejects.toThrow(
      "not now",
    );
  });
});
