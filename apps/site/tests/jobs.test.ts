import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestServer } from "./server.ts";
import { startServer } from "./server.ts";
import { startSeeded } from "./shared.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startSeeded();
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
});

const text = async (path: string) =>
  (await (await fetch(`${server.origin}${path}`)).text()).replace(/<!--.*?-->/g, "");

test("the status page lists the jobs", async () => {
  const page = await text("/status");
  expect(page).toContain("All systems operational");
  expect(page).toMatch(/Search index<\/dt>\s*<dd[^>]*>\s*not run yet/);
  expect(page).toMatch(/Backup<\/dt>\s*<dd[^>]*>\s*not run yet/);
});

test("a site that was killed starts again with its jobs, and is ready", async () => {
  await server.stop("SIGKILL");
  server = await startServer({ folder: server.folder });
  const ready: unknown = await (await fetch(`${server.origin}/readyz`)).json();
  expect(ready).toMatchObject({ ready: true, queue: true });
  expect(await text("/status")).toContain("All systems operational");
});
