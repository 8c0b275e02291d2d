import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { engines } from "../database/testing.ts";
import { openArxiv } from "../ingestion/arxiv/client.ts";
import { arxivSettings } from "../ingestion/settings.ts";
import { maintenanceJob } from "../jobs/maintenance.ts";
import { returnAddresses } from "../mail/return-addresses.ts";
import { searchView } from "../pages/search-view.ts";
import { loadSeed } from "../papers/seed/seed.ts";
import type { Site } from "../site.ts";
import { subscriptionLinks } from "../subscriptions/links.ts";
import { modelReader } from "./embedding/store.ts";
import { randomQueries } from "./random-queries.ts";
import { storeTopics } from "./topics/store.ts";

/** The acceptance of the specification is 10,000; a usual run takes the first of them, which are the same. */
const QUERIES = Number(process.env.GRADUS_TEST_QUERIES ?? 500);
const MILLISECONDS_EACH = 1000;

describe.each(engines)("on %s", (_, open) => {
  let site: Site;
  beforeAll(async () => {
    const database: Database = await open();
    await migrate(database.orm);
    await loadSeed(database.orm);
    await storeTopics(database.orm);
    const now = () => new Date("2025-12-25T12:00:00Z");
    await maintenanceJob(database, { now }).run(new AbortController().signal);
    const readModel = modelReader();
    site = {
      database,
      now,
      dataFolder: "",
      arxiv: openArxiv(database.orm, arxivSettings({})),
      mail: { domain: "papers.example.org", send: async () => {} },
      addressKey: Buffer.alloc(32),
      formKey: Buffer.alloc(32),
      incoming: {
        addresses: returnAddresses({} as NodeJS.ProcessEnv, "papers.example.org"),
        unsubscribe: async () => {},
        now,
      },
      links: subscriptionLinks({} as NodeJS.ProcessEnv),
      jobs: { names: [], request: async () => {}, close: async () => {} },
      model: () => readModel(database.orm),
      close: () => database.close(),
    };
  });
  afterAll(() => site?.close());

  test(`${QUERIES} queries of random bytes and operators have an answer`, {
    timeout: QUERIES * MILLISECONDS_EACH,
  }, async () => {
    const milliseconds: number[] = [];
    const failures: unknown[] = [];
    let found = 0;
    for (const address of randomQueries(QUERIES)) {
      const begun = performance.now();
      try {
        found += (await searchView(site, new URLSearchParams(address))).total > 0 ? 1 : 0;
      } catch (error) {
        failures.push([address, error]);
      }
      milliseconds.push(performance.now() - begun);
    }
    milliseconds.sort((a, b) => a - b);
    const [median, last] = [milliseconds[Math.floor(QUERIES / 2)], milliseconds[QUERIES - 1]];
    console.log(
      `any query: median ${median.toFixed(1)} ms, longest ${last.toFixed(0)} ms, ${found} found papers`,
    );
    expect(failures).toEqual([]);
    // The queries are not all nonsense.
    expect(found).toBeGreaterThan(QUERIES / 10);
  });
});
