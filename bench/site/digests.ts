// Composes the digests of many subscriptions that are due at once: `node bench/site/digests.ts --help`.
import "./vite-globs.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import { randomStream } from "gradus/random";
import {
  connect,
  type Database,
  type Orm,
  openEmbedded,
} from "../../apps/site/src/lib/server/database/connect.ts";
import { migrate } from "../../apps/site/src/lib/server/database/migrate.ts";
import { mailOutbox, subscriptions } from "../../apps/site/src/lib/server/database/schema/index.ts";
import { openJournal } from "../../apps/site/src/lib/server/mail/journal.ts";
import { mailJob } from "../../apps/site/src/lib/server/mail/outbox.ts";
import { returnAddresses } from "../../apps/site/src/lib/server/mail/return-addresses.ts";
import { suppressedRecipients } from "../../apps/site/src/lib/server/mail/suppressions.ts";
import { loadSeed } from "../../apps/site/src/lib/server/papers/seed/seed.ts";
import { syncRegistry } from "../../apps/site/src/lib/server/papers/sync-registry.ts";
import { addressHash } from "../../apps/site/src/lib/server/people/address.ts";
import { indexPapers } from "../../apps/site/src/lib/server/search/index-papers.ts";
import { cachedTopics } from "../../apps/site/src/lib/server/search/topics/cached-topics.ts";
import { storeTopics } from "../../apps/site/src/lib/server/search/topics/store.ts";
import { describeMachine } from "../machine.ts";
import { embeddedPlace, serverPlace } from "./databases.ts";
import { loadSynthetic } from "./load.ts";
import { query } from "./queries.ts";

const SEED = 1;
const DOMAIN = "papers.example.org";
const NOW = new Date("2025-12-25T12:00:00Z");
/** What the specification allows for 50,000 subscriptions. */
const WANTED = { subscriptions: 50_000, minutes: 10 };
const HELP = `node bench/site/digests.ts [options]
  --subscriptions N  how many are due (2000)
  --papers N         how many papers there are (20000): a day has a 728th of them
  --server URL       on a Postgres server, in a database made for it, instead of the embedded one
  --keep NAME        keep the database, in this folder or under this name on the server; one that is there is used`;

const { values: options } = parseArgs({
  options: {
    subscriptions: { type: "string", default: "2000" },
    papers: { type: "string", default: "20000" },
    server: { type: "string" },
    keep: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

/** Confirmed subscriptions that are due: a tenth to everything, the others to topics and keywords; a fifth weekly. */
async function subscribe(orm: Orm, count: number): Promise<void> {
  const random = randomStream(SEED);
  const slugs = (await cachedTopics(orm)).map(({ slug }) => slug);
  const some = <T>(most: number, draw: () => T) => Array.from({ length: random.integer(most + 1) }, draw);
  const rows = Array.from({ length: count }, (_, i) => {
    const everything = random.uniform() < 0.1;
    const email = `reader${i}@readers.example`;
    const weekly = random.uniform() < 0.2;
    return {
      email,
      emailHmac: new TextEncoder().encode(email),
      status: "active" as const,
      cadence: weekly ? ("weekly" as const) : ("daily" as const),
      hour: 12,
      weekday: weekly ? 4 : null,
      tz: "UTC",
      topics: everything
        ? []
        : [
            ...new Set([
              slugs[random.integer(slugs.length)],
              ...some(3, () => slugs[random.integer(slugs.length)]),
            ]),
          ],
      keywords: everything ? [] : some(3, () => query(random)),
      origin: `https://${DOMAIN}`,
      nextDueAt: NOW,
      confirmedAt: new Date(NOW.getTime() - 30 * 86_400_000),
    };
  });
  for (let i = 0; i < rows.length; i += 500) await orm.insert(subscriptions).values(rows.slice(i, i + 500));
}

async function open(folder: string, url: string | undefined): Promise<Database> {
  const database = url ? await connect(url) : await openEmbedded(join(folder, "database"));
  const { orm } = database;
  await migrate(orm);
  await loadSeed(orm);
  await syncRegistry(orm);
  await storeTopics(orm);
  await indexPapers(orm);
  await loadSynthetic(orm, Number(options.papers), SEED);
  // Those of an earlier run, with their digests.
  await orm.delete(subscriptions);
  await orm.delete(mailOutbox);
  return database;
}

/** Runs a part; tells how long it took for each, and what the specification's number would take. */
async function timed(part: string, run: () => Promise<number>): Promise<number> {
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  const count = await run();
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const minutes = (seconds / count) * (WANTED.subscriptions / 60);
  console.log(
    `${part}: ${count} in ${seconds.toFixed(1)} s, ${(count / seconds).toFixed(0)}/s, ${((user + system) / 1000 / count).toFixed(2)} ms of processor each; ${WANTED.subscriptions.toLocaleString("en-US")} would take ${minutes.toFixed(1)} min`,
  );
  return minutes;
}

async function measure({ orm, work }: Database, folder: string): Promise<void> {
  const count = Number(options.subscriptions);
  await subscribe(orm, count);
  const { signal } = new AbortController();
  const now = () => NOW;
  const { digestJob } = await import("../../apps/site/src/lib/server/subscriptions/digest-job.ts");
  const { digestMail } = await import("../../apps/site/src/lib/server/subscriptions/digest-mail.ts");
  const { subscriptionLinks } = await import("../../apps/site/src/lib/server/subscriptions/links.ts");
  const planning = await timed("planned", async () => {
    await digestJob(orm, { now, follow: async () => {} }).run(signal);
    return count;
  });
  const [{ empty }] = await orm
    .select({ empty: sql<number>`count(*) filter (where state = 'empty')::int` })
    .from(sql`digest_runs`);
  let characters = 0;
  let most = process.memoryUsage.rss();
  const key = Buffer.alloc(32, 7);
  const addresses = returnAddresses(process.env, DOMAIN);
  const journal = openJournal(join(folder, "journal"));
  const before = work?.().statements ?? Number.NaN;
  let sent = 0;
  const composing = await timed("composed and handed over", async () => {
    await mailJob(orm, {
      ...{ now, journal },
      transport: {
        async send({ text, html }) {
          sent += 1;
          characters += text.length + (html?.length ?? 0);
          if (sent % 100 === 0) most = Math.max(most, process.memoryUsage.rss());
        },
      },
      kinds: {
        "sign-in": { compose: async () => undefined },
        "address-changed": { compose: async () => undefined },
        confirm: { compose: async () => undefined },
        digest: digestMail(orm, { links: subscriptionLinks(process.env), addresses, domain: DOMAIN, now }),
      },
      suppressed: (within, all) => suppressedRecipients(within, all, (to) => addressHash(to, key)),
      returnPath: async (_within, { id }) => addresses.ofMessage(id),
      refused: async () => {},
      runIn: async () => {},
    }).run(signal);
    return sent;
  });
  const statements = (work?.().statements ?? Number.NaN) - before;
  journal.close();
  console.log(
    `${empty} found nothing; ${sent} messages of ${(characters / sent).toFixed(0)} characters, ${(statements / sent).toFixed(1)} statements each; memory ${(most / 2 ** 20).toFixed(0)} MiB`,
  );
  const share = sent / count;
  const all = planning + composing * share;
  console.log(
    `50,000 subscriptions due at once: ${all.toFixed(1)} min (target ${WANTED.minutes}: ${all <= WANTED.minutes ? "met" : "not met"})`,
  );
}

async function main(): Promise<void> {
  if (options.help) return console.log(HELP);
  const { server, keep } = options;
  const place = server ? await serverPlace(server, keep) : embeddedPlace(keep);
  const folder = mkdtempSync(join(tmpdir(), "gradus-digests-"));
  try {
    const database = await open(place.folder, place.url);
    try {
      console.log(describeMachine());
      await measure(database, folder);
    } finally {
      await database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await place.close();
  }
}

await main().catch((error: unknown) => {
  // A failed statement prints hundreds of rows.
  console.error(String(error instanceof Error && error.cause ? error.cause : error).slice(0, 2000));
  process.exitCode = 1;
});
