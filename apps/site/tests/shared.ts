// What the tests of the site share: a server that they only read, a browser, and a seeded database to start from.
import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { inject } from "vitest";
import { type ServerOptions, startServer, type TestServer } from "./server.ts";

/** The address of the server that all tests read: its clock stands at the seed's moment, in Pacific/Kiritimati. */
export const origin = inject("origin");

/** A connection to the browser of all tests; closing it closes the contexts that it opened. */
export function connectBrowser(): Promise<Browser> {
  return chromium.connect(inject("browser"));
}

/** A new folder with a copy of the seeded database, for a server or a program to work on. */
export function copySeeded(): string {
  const folder = mkdtempSync(join(tmpdir(), "gradus-site-"));
  cpSync(inject("seeded"), folder, { recursive: true });
  return folder;
}

/** Starts a server of its own on a copy of the seeded database. */
export function startSeeded(options: Omit<ServerOptions, "folder"> = {}): Promise<TestServer> {
  return startServer({ ...options, folder: copySeeded() });
}
