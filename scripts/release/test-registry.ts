// A registry of packages in memory: it keeps what is published to it, and sends to another registry for the rest.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { npm } from "./npm.ts";
import type { Archive } from "./pack.ts";
import { type Manifest, readManifest } from "./packages.ts";

type Version = Manifest & { readonly dist: Readonly<Record<string, string>> };

/** What `npm publish` sends. */
interface Publication {
  readonly versions: Readonly<Record<string, Manifest>>;
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>;
}

export interface TestRegistry extends AsyncDisposable {
  readonly origin: string;
  /** `name@version` of what was published, in order. */
  readonly published: readonly string[];
  /** Environment with which npm uses this registry, as somebody who may publish. */
  readonly environment: Readonly<Record<string, string>>;
  /** Has an archive as if it had been published. */
  add(archive: Archive): void;
  /** Refuses publications of a package, or none. */
  refuse(name: string | undefined): void;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** Not to be kept: another test's registry may have had this port, and the same versions with other contents. */
function send(response: ServerResponse, status: number, body: unknown): void {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  response.writeHead(status, headers).end(JSON.stringify(body));
}

/** Starts a registry. Close it with `await using`. */
export async function startTestRegistry(folder: string): Promise<TestRegistry> {
  const upstream = (await npm(folder, "config", "get", "registry")).trim().replace(/\/$/, "");
  const packages = new Map<string, Map<string, Version>>();
  const archives = new Map<string, Buffer>();
  const published: string[] = [];
  let refused: string | undefined;

  function keep(manifest: Manifest, data: Buffer): void {
    const { name, version } = manifest;
    const path = `/-/archives/${encodeURIComponent(name)}-${version}.tgz`;
    archives.set(path, data);
    const integrity = `sha512-${createHash("sha512").update(data).digest("base64")}`;
    const known = packages.get(name) ?? new Map<string, Version>();
    packages.set(name, known.set(version, { ...manifest, dist: { integrity, tarball: `${origin}${path}` } }));
    published.push(`${name}@${version}`);
  }

  function accept({ versions, _attachments }: Publication): void {
    const [data] = Object.values(_attachments).map((attachment) => Buffer.from(attachment.data, "base64"));
    for (const manifest of Object.values(versions)) keep(manifest, data);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = "/" } = request;
    const name = decodeURIComponent(url.slice(1));
    const archive = archives.get(url);
    const known = packages.get(name);
    if (method === "PUT" && name === refused) send(response, 500, { error: "the test refuses it" });
    else if (method === "PUT") {
      accept(JSON.parse(await bodyOf(request)));
      send(response, 201, { ok: true });
    } else if (archive) response.end(archive);
    else if (known) {
      const versions = [...known.keys()];
      send(response, 200, {
        name,
        "dist-tags": { latest: versions.at(-1) },
        versions: Object.fromEntries(known),
      });
    } else if (/^(gradus|create-gradus|@gradus\/)/.test(name)) send(response, 404, { error: "not found" });
    else response.writeHead(307, { location: `${upstream}${url}` }).end();
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    published,
    environment: {
      npm_config_registry: `${origin}/`,
      [`npm_config_//127.0.0.1:${port}/:_authToken`]: "anybody",
      npm_config_fetch_retries: "0",
    },
    add: ({ folder, file }) => keep(readManifest(folder), readFileSync(file)),
    refuse(name) {
      refused = name;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
