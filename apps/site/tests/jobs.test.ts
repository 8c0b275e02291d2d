import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEmbedded } from "../src/lib/server/database/connect.ts";
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
  // Some are due at this hour, others are not.
  for (const job of ["Search index", "Backup"])
    expect(page).toMatch(
      new RegExp(`${job}</dt>\\s*<dd[^>]*>\\s*(not run yet|running|[\\s\\S]{0,200}?(now|ago))`),
    );
});

test("a site that was killed starts again with its jobs, and is ready", async () => {
  await server.stop("SIGKILL");
  server = await startServer({ folder: server.folder });
  const ready: unknown = await (await fetch(`${server.origin}/readyz`)).json();
  expect(ready).toMatchObject({ ready: true, queue: true });
  await server.stop();
  // What the kill cut off would be tried again after a minute.
  const database = await openEmbedded(join(server.folder, "database"));
  await database.orm.execute(sql`update pgboss.job set start_after = now() where state = 'retry'`);
  await database.close();
  server = await startServer({ folder: server.folder });
  await expect.poll(() => text("/status"), { timeout: 200_000 }).toContain("All systems operational");
});
