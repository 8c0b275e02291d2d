import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DataError, DataMissingError } from "../../check/errors.ts";
import { DownloadError, type DownloadProgress, type FetchRequest } from "./contract.ts";
import { fetchFile as fetchInBrowser } from "./fetch-file.browser.ts";
import { fetchFile } from "./fetch-file.node.ts";

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3);
const sha256 = createHash("sha256").update(content).digest("hex");

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
/** What the server does with its requests, one after another; the last goes on. */
let script: Handler[] = [];
let ranges: (string | undefined)[] = [];
const server = createServer((request, response) => {
  ranges.push(request.headers.range);
  const handler = script.length > 1 ? script.shift() : script[0];
  handler?.(request, response);
});
let origin = "";
let folder = "";
let target: URL;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  ranges = [];
  folder = await mkdtemp(join(tmpdir(), "gradus fetch-"));
  target = pathToFileURL(join(folder, "new", "file.bin"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Set by the server: what to do once the client holds so many bytes. */
let cut: { readonly at: number; readonly now: () => void } | undefined;

function request(options: Partial<FetchRequest> = {}): Promise<void> {
  const onProgress = (progress: DownloadProgress) => {
    options.onProgress?.(progress);
    if (cut === undefined || progress.received < cut.at) return;
    cut.now();
    cut = undefined;
  };
  return fetchFile({ urls: [`${origin}/file`], target, sha256, retryDelay: 1, ...options, onProgress });
}

const files = () => readdir(join(folder, "new"));
const stored = async () => new Uint8Array(await readFile(target));

/** Answers ranges as a file server does. */
const whole =
  (bytes = content, headers: Record<string, string> = {}): Handler =>
  ({ headers: { range, "if-range": ifRange } }, response) => {
    const first = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    const current = ifRange === undefined || ifRange === headers.etag;
    if (range !== undefined && current && first >= bytes.length)
      response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    else if (range !== undefined && current)
      response
        .writeHead(206, {
          ...headers,
          "content-length": bytes.length - first,
          "content-range": `bytes ${first}-${bytes.length - 1}/${bytes.length}`,
        })
        .end(bytes.subarray(first));
    else response.writeHead(200, { ...headers, "content-length": bytes.length }).end(bytes);
  };

/** Promises the whole file and cuts the connection when the client has `count` bytes. */
const cutAfter =
  (count: number, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(200, { ...headers, "content-length": content.length });
    response.write(content.subarray(0, count));
    cut = { at: count, now: () => response.socket?.destroy() };
  };

const status =
  (code: number): Handler =>
  (_, response) => {
    response.writeHead(code).end();
  };

describe("fetchFile", () => {
  test("brings a file, tells its progress, and leaves nothing else", async () => {
    script = [whole()];
    const progress: DownloadProgress[] = [];
    await request({ onProgress: (event) => progress.push(event) });
    expect(await stored()).toEqual(content);
    expect(await files()).toEqual(["file.bin"]);
    expect(progress[0]).toEqual({ file: "file.bin", received: 0, total: content.length });
    expect(progress.at(-1)).toEqual({ file: "file.bin", received: content.length, total: content.length });
    const received = progress.map((event) => event.received);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
  });

  test("takes a transfer up where the connection was cut", async () => {
    script = [cutAfter(100_000), whole()];
    await request();
    expect(await stored()).toEqual(content);
    expect(ranges).toEqual([undefined, "bytes=100000-"]);
  });

  test("goes on from what an earlier process left", async () => {
    script = [cutAfter(100_000)];
    await expect(request({ retries: 0 })).rejects.toThrow("broke off after");
    expect(await files()).toEqual(["file.bin.part"]);
    script = [whole()];
    await request();
    expect(ranges[1]).toBe("bytes=100000-");
    expect(await stored()).toEqual(content);
  });

  test("needs no byte when the left part is whole", async () => {
    script = [cutAfter(10), whole()];
    await expect(request({ retries: 0 })).rejects.toThrow(DownloadError);
    await writeFile(join(folder, "new", "file.bin.part"), content);
    await request();
    expect(ranges[1]).toBe(`bytes=${content.length}-`);
    expect(await stored()).toEqual(content);
  });

  test("starts again when the server does not do ranges, or the left part was of another file", async () => {
    const ignoring: Handler = (_, response) => {
      response.writeHead(200, { "content-length": content.length }).end(content);
    };
    script = [cutAfter(100_000), ignoring];
    await request();
    expect(await stored()).toEqual(content);
    await writeFile(join(folder, "new", "file.bin.part"), content.slice(5, 100));
    script = [whole()];
    await request();
    expect(await stored()).toEqual(content);
    await writeFile(join(folder, "new", "file.bin.part"), new Uint8Array(content.length + 1));
    await request();
    expect(await stored()).toEqual(content);
  });

  test("without a checksum, resumes only the same version of the file", async () => {
    const newer = content.map((byte) => byte ^ 1);
    script = [cutAfter(100_000, { etag: '"1"' }), whole(content, { etag: '"1"' })];
    await request({ sha256: undefined });
    expect(ranges[1]).toBe("bytes=100000-");
    expect(await stored()).toEqual(content);
    script = [cutAfter(100_000, { etag: '"1"' }), whole(newer, { etag: '"2"' })];
    await request({ sha256: undefined });
    expect(await stored()).toEqual(newer);
    ranges = [];
    script = [cutAfter(100_000), whole()];
    await request({ sha256: undefined });
    expect(ranges).toEqual([undefined, undefined]);
    expect(await stored()).toEqual(content);
  });

  test("refuses other bytes than the checksum's, and keeps none of them", async () => {
    script = [whole(content.map((byte) => byte ^ 1))];
    const failed = request();
    await expect(failed).rejects.toThrow(DownloadError);
    await expect(failed).rejects.toThrow(`SHA-256 must be ${sha256}, got `);
    expect(await files()).toEqual([]);
  });

  test("refuses content that a check of it finds wrong", async () => {
    script = [whole()];
    const verify = () => {
      throw new DataError("file.bin must have 5 rows, got 3");
    };
    await expect(request({ sha256: undefined, verify })).rejects.toThrow("must have 5 rows, got 3");
    expect(await files()).toEqual([]);
  });

  test("retries passing failures, not lasting ones, then tries the next address", async () => {
    script = [status(503), status(429), whole()];
    await request();
    expect(ranges.length).toBe(3);
    ranges = [];
    script = [status(404), whole()];
    await request({ urls: [`${origin}/gone`, `${origin}/mirror`] });
    expect(ranges.length).toBe(2);
    expect(await stored()).toEqual(content);
  });

  test("says for every address what went wrong", async () => {
    script = [status(404), status(500)];
    const failed = request({ urls: [`${origin}/gone`, `${origin}/ill`], retries: 2 });
    await expect(failed).rejects.toThrow(DownloadError);
    await expect(failed).rejects.toThrow(`${origin}/gone: answered with 404 Not Found`);
    await expect(failed).rejects.toThrow(
      `${origin}/ill: answered with 500 Internal Server Error, after 3 attempts`,
    );
    expect(ranges.length).toBe(4);
    const unreachable = request({ urls: ["http://127.0.0.1:1/"], retries: 0 });
    await expect(unreachable).rejects.toThrow("http://127.0.0.1:1/: fetch failed");
  });

  test("counts silence as a break", async () => {
    const silent: Handler = (_, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 1000));
    };
    script = [silent, whole()];
    await request({ idleTimeout: 100 });
    expect(await stored()).toEqual(content);
    script = [() => undefined];
    await expect(request({ idleTimeout: 20, retries: 1 })).rejects.toThrow("no data received for 0.02 s");
  });

  test("stops at once when told to, and leaves the part for the next time", async () => {
    const controller = new AbortController();
    script = [
      (_, response) => {
        response.writeHead(200, { "content-length": content.length });
        response.write(content.subarray(0, 50_000));
      },
    ];
    const stopped = request({
      signal: controller.signal,
      onProgress: ({ received }) => {
        if (received > 0) controller.abort(new Error("enough"));
      },
    });
    await expect(stopped).rejects.toThrow("enough");
    expect(await files()).toEqual(["file.bin.part"]);
    const waiting = new AbortController();
    script = [
      (request, response) => {
        response.once("finish", () => waiting.abort(new Error("no patience")));
        status(503)(request, response);
      },
    ];
    await expect(request({ signal: waiting.signal, retryDelay: 3_600_000 })).rejects.toThrow();
    await expect(request({ signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
  });
});

test("in a browser it says that it cannot", async () => {
  await expect(fetchInBrowser({ urls: [], target })).rejects.toThrow(DataMissingError);
  await expect(fetchInBrowser({ urls: [], target })).rejects.toThrow("cannot be downloaded in a browser");
});
