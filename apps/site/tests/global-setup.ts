// Once before the tests of the site: the build, a seeded database to copy, a server for those that only read, a browser.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserServer } from "playwright-core";
import type { TestProject } from "vitest/node";
import { build, startServer } from "./server.ts";
import { installed, launchServer } from "./visit.ts";

/** The seed's own moment, in a zone in which it is tomorrow; a request to the API may name its reader's address. */
const ENVIRONMENT = {
  GRADUS_NOW: "2025-12-25T12:00:00Z",
  GRADUS_ALLOW_CLOCK: "1",
  TZ: "Pacific/Kiritimati",
  ADDRESS_HEADER: "x-test-address",
};

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await build();
  const folder = mkdtempSync(join(tmpdir(), "gradus-seeded-"));
  const first = await startServer({ environment: ENVIRONMENT });
  await first.stop();
  cpSync(first.folder, folder, { recursive: true });
  const server = await startServer({ environment: ENVIRONMENT, folder: first.folder });
  const browser: BrowserServer | undefined = installed ? await launchServer() : undefined;
  project.provide("seeded", folder);
  project.provide("origin", server.origin);
  project.provide("browser", browser?.wsEndpoint() ?? "");
  return async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
    await server.stop().finally(() => server.remove());
  };
}

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of a server that has the seed's papers and was stopped. */
    readonly seeded: string;
    /** The address of the server that tests share. */
    readonly origin: string;
    /** The endpoint of the browser that tests share; empty without one. */
    readonly browser: string;
  }
}
