import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError, UnsupportedError } from "../errors.ts";
import { loadOnnx } from "../onnx-model.ts";
import { importOnnx } from "./import-onnx.ts";
import { graphBytes, modelBytes, nodeBytes, tensorBytes } from "./model-bytes.ts";
import { readOnnx } from "./read-onnx.ts";

const weights = new Uint8Array(Float32Array.of(1.5, -2).buffer);
const wanting = (location: string) =>
  modelBytes(
    graphBytes({
      nodes: [nodeBytes("Add", ["x", "w"], ["y"])],
      initializers: [tensorBytes("w", 1, [2], undefined, { location, offset: 0, length: 8 })],
      inputs: [["x", 1, [2]]],
      outputs: [["y", 1, [2]]],
    }),
  );

/** Names of files that are there, with their bytes. */
const files: Record<string, Uint8Array> = {
  "models/near.onnx": wanting("parts/w 100%#1.bin"),
  "models/parts/w 100%#1.bin": weights,
  "models/back.onnx": wanting("parts/../parts/./w 100%#1.bin"),
  "models/up.onnx": wanting("../secret.bin"),
  "models/deeper.onnx": wanting("parts/../../secret.bin"),
  "models/backslash.onnx": wanting("..\\secret.bin"),
  "models/root.onnx": wanting("/etc/passwd"),
  "models/drive.onnx": wanting("C:\\secret.bin"),
  "models/elsewhere.onnx": wanting("https://example.org/secret.bin"),
  "models/itself.onnx": wanting("."),
  "models/lost.onnx": wanting("lost.bin"),
  "models/empty.onnx": new Uint8Array(0),
  "models/none.onnx": new TextEncoder().encode("no model"),
  "secret.bin": weights,
};

let folder: string;
let server: Server;
let origin: string;
let asked: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-onnx-"));
  await mkdir(join(folder, "models", "parts"), { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  server = createServer(({ url = "" }, response) => {
    const name = decodeURIComponent(new URL(url, "http://host").pathname.slice(1));
    asked.push(name);
    if (!Object.hasOwn(files, name)) response.statusCode = 404;
    response.end(files[name]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** The same file by each way to name it. */
const ways = {
  "a path": (name: string) => join(folder, name),
  "a file URL": (name: string) => pathToFileURL(join(folder, name)),
  "an address": (name: string) => `${origin}/${name}?download=true`,
  "a URL": (name: string) => new URL(`${origin}/${name}`),
};

describe.each(Object.entries(ways))("by %s", (_, named) => {
  test.each(["near", "back"])("tensors in the folder are read with the file: %s", async (name) => {
    const { parameters } = await importOnnx(named(`models/${name}.onnx`));
    expect(parameters.w.data).toEqual(Float32Array.of(1.5, -2));
  });

  test.each(["up", "deeper", "backslash", "root", "drive", "elsewhere", "itself"])(
    "what is not in its folder is not read: %s",
    async (name) => {
      asked = [];
      const reading = importOnnx(named(`models/${name}.onnx`));
      await expect(reading).rejects.toThrow(InputError);
      await expect(reading).rejects.toThrow(/wants tensors from ".*", which is not in its folder$/);
      expect(asked.filter((one) => !one.endsWith(".onnx"))).toEqual([]);
    },
  );

  test("files that are not there, empty, or no model", async () => {
    const reason = String(named("")).startsWith("http")
      ? "the server answered 404 Not Found"
      : "no such file";
    for (const [name, missing] of [
      ["models/missing.onnx", "missing.onnx"],
      ["models/lost.onnx", "lost.bin"],
    ]) {
      const reading = readOnnx(named(name));
      await expect(reading).rejects.toThrow(InputError);
      await expect(reading).rejects.toThrow(new RegExp(`${missing}\\S* cannot be read: ${reason}$`));
    }
    await expect(importOnnx(named("models/empty.onnx"))).rejects.toThrow(UnsupportedError);
    await expect(importOnnx(named("models/none.onnx"))).rejects.toThrow(UnsupportedError);
  });

  test("tensors that are given are not read", async () => {
    const external = { "lost.bin": new Uint8Array(Float32Array.of(3, 4).buffer) };
    const { parameters } = await importOnnx(named("models/lost.onnx"), { external });
    expect(parameters.w.data).toEqual(Float32Array.of(3, 4));
  });

  test("a model to run has the tensors of its folder, and those that are given", async () => {
    const external = { "lost.bin": new Uint8Array(Float32Array.of(3, 4).buffer) };
    using near = await loadOnnx(named("models/near.onnx"));
    using lost = await loadOnnx(named("models/lost.onnx"), { external });
    const x = { dtype: "f32", shape: [2], data: Float32Array.of(1, 1) } as const;
    expect((await near.run({ x })).y.data).toEqual(Float32Array.of(2.5, -1));
    expect((await lost.run({ x })).y.data).toEqual(Float32Array.of(4, 5));
    await expect(loadOnnx(named("models/up.onnx"))).rejects.toThrow("which is not in its folder");
  });

  test("reading ends with the reason of a signal", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(importOnnx(named("models/near.onnx"), { signal })).rejects.toBe(reason);
    await expect(loadOnnx(named("models/near.onnx"), { signal })).rejects.toBe(reason);
  });
});

test("other sources and unknown options are refused by name", async () => {
  expect(() => importOnnx(5 as unknown as string)).toThrow("or its path or URL, got 5");
  await expect(importOnnx("")).rejects.toThrow('the file must be a path or a URL, got ""');
  await expect(loadOnnx("")).rejects.toThrow('or its path or URL, got ""');
  await expect(loadOnnx(files["models/lost.onnx"], { external: { "w.bin": weights } })).rejects.toThrow(
    'loadOnnx: the model has tensors in "lost.bin", which is not among the files of the option external (w.bin)',
  );
  await expect(loadOnnx(wanting("toString"))).rejects.toThrow(
    'the model has tensors in "toString", which is not',
  );
  await expect(importOnnx("a.onnx", { preciscion: "f64" } as object)).rejects.toThrow(/preciscion/);
  await expect(importOnnx(join(folder, "models"))).rejects.toThrow("models cannot be read: it is a folder");
});
