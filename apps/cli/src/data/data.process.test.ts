// gradus data: how data sets are described and downloaded.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CatalogueSet, downloadableSets } from "gradus/data";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Interrupted } from "../errors.ts";
import { runCommand } from "../fixture/run-command.ts";
import type { SetState } from "./catalogue.ts";
import { formatBytes } from "./format-bytes.ts";

const asked: { readonly path: string; readonly range?: string }[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => {
  asked.push({ path: request.url ?? "", range: request.headers.range });
  answer(request, response);
});
let folder: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  // The publishers' addresses, answered by the server of this test.
  const real = globalThis.fetch;
  vi.stubGlobal("fetch", (url: string, options: RequestInit) =>
    real(`http://127.0.0.1:${port}${new URL(url).pathname}`, options),
  );
});
afterAll(() => {
  vi.unstubAllGlobals();
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  asked.length = 0;
  folder = await mkdtemp(join(tmpdir(), "gradus-data-"));
  vi.stubEnv("GRADUS_DATA_DIR", folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const gradus = (line: string, signal?: AbortSignal) =>
  runCommand(line, { home: join(folder, ".gradus"), signal });
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

async function sets(line = "data list --json"): Promise<SetState[]> {
  return JSON.parse((await gradus(line)).out);
}

describe("data list", () => {
  it("shows rows and columns of every set, as in the catalogue if it counts them", async () => {
    const all = await sets();
    const sizes = new Map(all.map(({ name, size }) => [name, size]));
    expect(sizes.get("iris")).toBe("150 x 4");
    expect(sizes.get("mushrooms")).toBe("8124 x 112");
    expect(sizes.get("mnist")).toBe("60000 + 10000 x 784");
    for (const [name, { files }] of Object.entries<CatalogueSet>(downloadableSets)) {
      const counted = files.flatMap(({ libsvm }) => libsvm ?? []);
      if (counted.length > 0)
        expect(sizes.get(name)).toBe(
          `${counted.map(({ rows }) => rows).join(" + ")} x ${counted[0].columns}`,
        );
    }
  });

  it("shows size, license and whether a set is available, as files appear and disappear", async () => {
    const state = async () => {
      const [set] = await sets("data list splice --json");
      return { place: set.place, bytes: set.bytes };
    };
    expect(await state()).toEqual({ place: "missing" });
    await writeFile(join(folder, "splice.libsvm.txt"), "x".repeat(2000));
    expect(await state()).toEqual({ place: "in part" });
    await writeFile(join(folder, "splice.t.libsvm.txt"), "x".repeat(500));
    expect(await state()).toEqual({ place: "data folder", bytes: 2500 });
    const { out } = await gradus("data list");
    expect(out).toMatch(/^splice +1000 \+ 2175 x 60 +2\.5 kB +CC BY 4\.0 +yes$/m);
    expect(out).toMatch(/^iris +150 x 4 +2\.8 kB +CC BY 4\.0 +yes, bundled$/m);
    expect(out).toContain(`Data folder: ${folder}/`);
  });

  it("shows source, files, checksums and addresses of a set without line breaks", async () => {
    const { out } = await gradus("data list mnist a9a");
    for (const { sha256, urls } of downloadableSets.mnist.files)
      for (const text of [`SHA-256 ${sha256}`, ...urls.map((url) => `from ${url}`)])
        expect(out).toContain(text);
    expect(flat(out)).toContain("B. Becker, R. Kohavi 1996, Adult");
    expect(out).toContain("verified by its number of rows and columns; no checksum is published");
  });

  it("suggests the nearest for unknown names and actions, with exit status 2", async () => {
    const cases: [line: string, reason: string][] = [
      ["data list irsi", 'there is no data set "irsi". Did you mean iris?'],
      ["data pull minst", "Did you mean mnist?"],
      ["data pul mnist", "data has no action 'pul'. It must be list or pull. Did you mean pull?"],
      ["data pull", "missing required argument 'names'"],
      ["data pull mnist --json", "unknown option '--json'"],
    ];
    for (const [line, reason] of cases) {
      const { status, out, err } = await gradus(line);
      expect({ line, status, out }).toEqual({ line, status: 2, out: "" });
      expect(flat(err)).toContain(reason);
    }
    expect(asked).toEqual([]);
  });
});

describe("data pull", () => {
  it("downloads missing files once, shows progress, and says which are already available", async () => {
    const rows = "-1 1:1\n".repeat(208);
    answer = (_, response) => response.end(rows);
    const pulled = await gradus("data pull sonar_scale iris sonar_scale");
    expect(pulled.status).toBe(0);
    expect(pulled.err).toContain("sonar_scale.libsvm.txt  1.5 kB");
    expect(flat(pulled.out)).toContain(
      `sonar_scale: one file, 1.5 kB, rows and columns verified, in ${folder}/`,
    );
    expect(flat(pulled.out)).toContain("iris is bundled with gradus; nothing to download");
    expect(await readFile(join(folder, "sonar_scale.libsvm.txt"), "utf8")).toBe(rows);
    expect(asked).toHaveLength(1);
    const again = await gradus("data pull sonar_scale");
    expect(flat(again.out)).toContain("sonar_scale is already available");
    expect(asked).toHaveLength(1);
  });

  it("discards files that differ from the published ones, and exits with 3 after trying the other sets", async () => {
    answer = (request, response) =>
      response.end(request.url?.includes("sonar") ? "-1 1:1\n".repeat(208) : "something else");
    const { status, out, err } = await gradus("data pull mnist sonar_scale");
    expect(status).toBe(3);
    expect(flat(err)).toContain(
      "SHA-256 must be 440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    );
    expect(out).toContain("sonar_scale: ");
    expect(await readdir(folder)).toEqual(["sonar_scale.libsvm.txt"]);
  });

  it("explains how to proceed without a network", async () => {
    answer = (_, response) => response.writeHead(404).end();
    const { status, err } = await gradus("data pull w8a");
    expect(status).toBe(3);
    expect(flat(err)).toContain("answered with 404 Not Found");
    expect(flat(err)).toContain(
      `Check the network connection. You can also download the files yourself into ${folder}/`,
    );
  });

  it("can be interrupted, and continues a partial download", async () => {
    const stop = new AbortController();
    answer = (_, response) => {
      response.writeHead(200, { "content-length": 9912422 });
      response.write(new Uint8Array(3000), () => setImmediate(poll));
    };
    const part = join(folder, "mnist-train-images-idx3-ubyte.gz.part");
    const poll = async () => {
      const arrived = await readFile(part).catch(() => new Uint8Array());
      if (arrived.length === 3000) stop.abort(new Interrupted("SIGINT"));
      else setImmediate(poll);
    };
    const { status, err } = await gradus("data pull mnist", stop.signal);
    expect(status).toBe(130);
    expect(flat(err)).toContain("mnist was interrupted. Run the same command to continue");
    answer = (_, response) => response.writeHead(404).end();
    await gradus("data pull mnist");
    expect(asked[1]).toMatchObject({ range: "bytes=3000-" });
  });
});

it("shows sizes in powers of 1000", () => {
  expect([0, 999, 1000, 9_950_000, 99_960_000, 999_600_000].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "9.9 MB",
    "100 MB",
    "1.0 GB",
  ]);
});
