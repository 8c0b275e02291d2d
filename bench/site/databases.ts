// The databases with synthetic papers that are measured.
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";

/** Where a measured site has its data. */
export interface Place {
  /** Of the embedded database, and of what else the server writes. */
  readonly folder: string;
  /** Of a server's database. */
  readonly url?: string;
  /** Removes what is not kept. */
  close(): Promise<void>;
}

/** The embedded database in a folder, kept where one is named. */
export function embeddedPlace(keep: string | undefined): Place {
  if (keep) mkdirSync(keep, { recursive: true });
  const folder = keep ?? mkdtempSync(join(tmpdir(), "gradus-bench-"));
  return {
    folder,
    async close() {
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The version of a server and the memory that it has for pages, on which the time of searches depends. */
export async function describeServer(url: string): Promise<string> {
  const client = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [{ version, buffers }] = await client<{ version: string; buffers: string }[]>`
      select current_setting('server_version') as version, current_setting('shared_buffers') as buffers`;
    return `Postgres ${version.split(" ")[0]} with shared_buffers = ${buffers}`;
  } finally {
    await client.end();
  }
}

/** A database on a server, kept where it has a name. */
export async function serverPlace(server: string, keep: string | undefined): Promise<Place> {
  const name = keep ?? `gradus_bench_${randomBytes(4).toString("hex")}`;
  const admin = postgres(server, { max: 1, onnotice: () => {} });
  const there = await admin`select 1 from pg_database where datname = ${name}`;
  if (there.length === 0) await admin`create database ${admin(name)}`;
  const own = new URL(server);
  own.pathname = `/${name}`;
  const folder = mkdtempSync(join(tmpdir(), "gradus-bench-"));
  return {
    folder,
    url: own.href,
    async close() {
      if (!keep) await admin`drop database ${admin(name)}`;
      await admin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
