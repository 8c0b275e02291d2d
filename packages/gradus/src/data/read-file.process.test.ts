import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataError, DataMissingError } from "../check/errors.ts";
import { dataUrlBytes } from "./data-url.ts";
import { gunzip } from "./gzip.ts";
import { dataDirectory, readFile as readInBrowser } from "./read-file.browser.ts";
import { readFile as readInNode } from "./read-file.node.ts";

const bytes = fc.uint8Array();

describe("dataUrlBytes", () => {
  test("decodes base64 and percent-encoding", () => {
    fc.assert(
      fc.property(bytes, (content) => {
        const base64 = Buffer.from(content).toString("base64");
        expect(dataUrlBytes(new URL(`data:text/csv;base64,${base64}`))).toEqual(content);
        const percent = Array.from(content, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
        expect(dataUrlBytes(new URL(`data:,${percent}`))).toEqual(content);
      }),
    );
    expect(new TextDecoder().decode(dataUrlBytes(new URL("data:text/csv,a,b%0a1,%C3%A9,5%")))).toBe(
      "a,b\n1,é,5%",
    );
  });

  test("rejects what is not one", () => {
    expect(() => dataUrlBytes(new URL("data:text/csv"))).toThrow(DataError);
    expect(() => dataUrlBytes(new URL("data:;base64,a"))).toThrow("invalid base64");
  });
});

describe("gunzip", () => {
  test("decompresses gzip and leaves other bytes alone", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        expect(await gunzip(new Uint8Array(gzipSync(content)))).toEqual(content);
        if (content[0] !== 0x1f) expect(await gunzip(Uint8Array.from(content))).toEqual(content);
      }),
      { numRuns: 30 },
    );
  });

  test("rejects a file that is cut off", async () => {
    const whole = new Uint8Array(gzipSync("some text that is long enough to be cut"));
    await expect(gunzip(whole.slice(0, -12))).rejects.toThrow(DataError);
  });
});

describe("readFile in Node", () => {
  test("reads file: and data: URLs", async () => {
    const text = new TextDecoder().decode(await readInNode(new URL(import.meta.url)));
    expect(text).toContain("reads file: and data: URLs");
    expect(await readInNode(new URL("data:,%01%02"))).toEqual(Uint8Array.of(1, 2));
  });

  test("tells a missing file from a URL of another kind", async () => {
    await expect(readInNode(new URL("./no-such-file", import.meta.url))).rejects.toThrow(DataMissingError);
    await expect(readInNode(new URL("http://localhost/x"))).rejects.toThrow("only file: and data: URLs");
  });
});

describe("readFile in a browser", () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/data.csv" ? 200 : request.url === "/broken" ? 500 : 404;
    response.end(Buffer.from([1, 2, 3]));
  });
  let origin = "";

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.close();
  });

  test("fetches http: URLs and decodes data: URLs", async () => {
    expect(await readInBrowser(new URL("/data.csv", origin))).toEqual(Uint8Array.of(1, 2, 3));
    expect(await readInBrowser(new URL("data:;base64,AQI="))).toEqual(Uint8Array.of(1, 2));
  });

  test("tells a missing file from a broken server", async () => {
    await expect(readInBrowser(new URL("/nothing", origin))).rejects.toThrow(DataMissingError);
    await expect(readInBrowser(new URL("/broken", origin))).rejects.toThrow("could not be fetched: 500");
  });

  test("has no data folder", () => {
    expect(dataDirectory()).toBeUndefined();
  });
});
