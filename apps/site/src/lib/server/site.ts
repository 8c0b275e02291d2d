import { dirname, join } from "node:path";
import { incomingMail, watchIncomingMail } from "@gradus/database/incoming-mail";
import { ingestRequests, watchIngestRequests } from "@gradus/database/ingest-requests";
import { bounceSecret, secretSetting } from "@gradus/database/mail-settings";
import { papers as registry } from "@gradus/papers";
import { clock } from "./clock.ts";
import { connect, type Database, type Orm, openEmbedded } from "./database/connect.ts";
import { inTurn } from "./database/in-turn.ts";
import { migrate } from "./database/migrate.ts";
import { papers } from "./database/schema/index.ts";
import { servesMetrics } from "./http/metrics.ts";
import { type ArxivClient, openArxiv } from "./ingestion/arxiv/client.ts";
import { dailyListJob } from "./ingestion/hugging-face/import.ts";
import { rangeJob } from "./ingestion/ingest-range.ts";
import { ingestJobs } from "./ingestion/jobs.ts";
import { arxivSettings, dailyListSettings, importsDailyLists, ingests } from "./ingestion/settings.ts";
import type { Job } from "./job.ts";
import { backupFolder, backupJob, isMissing } from "./jobs/backup/nightly.ts";
import { checkCountsJob } from "./jobs/check-counts.ts";
import { maintenanceJob } from "./jobs/maintenance.ts";
import { type Jobs, startJobs } from "./jobs/start.ts";
import { vacuumJob } from "./jobs/vacuum.ts";
import { errorFields, log } from "./log.ts";
import { incomingJob } from "./mail/incoming/job.ts";
import type { IncomingSettings } from "./mail/incoming/take.ts";
import { openJournal } from "./mail/journal.ts";
import { mailJob } from "./mail/outbox.ts";
import { returnAddresses } from "./mail/return-addresses.ts";
import { noteRecipient } from "./mail/return-paths.ts";
import { noteRefusal, suppressedRecipients } from "./mail/suppressions.ts";
import { KEY_FILE, type MailTransport, openMail } from "./mail/transport.ts";
import { readMeasurements, shippedMeasurements } from "./papers/measurements/file.ts";
import { importMeasurements, isImported, noteImport } from "./papers/measurements/import.ts";
import { loadSeed } from "./papers/seed/seed.ts";
import { syncRegistry } from "./papers/sync-registry.ts";
import { addressHash } from "./people/address.ts";
import { addressChangedMail } from "./people/address-changed-mail.ts";
import { administratorNotice } from "./people/administrators.ts";
import { signInComposer } from "./people/sign-in.ts";
import { openEncoder } from "./search/embedding/encoder/open.ts";
import { type ActiveModel, modelReader } from "./search/embedding/store.ts";
import { storeTopics } from "./search/topics/store.ts";
import { assertSecret, keyFor } from "./secrets.ts";
import { pendingJob } from "./submissions/pending.ts";
import { confirmationMail } from "./subscriptions/confirmation.ts";
import { digestJob } from "./subscriptions/digest-job.ts";
import { digestMail } from "./subscriptions/digest-mail.ts";
import { type SubscriptionLinks, subscriptionLinks } from "./subscriptions/links.ts";
import { unsubscribe } from "./subscriptions/preferences.ts";
import { subscriptionJob } from "./subscriptions/subscribe.ts";

/** What requests are answered from. */
export interface Site {
  readonly database: Database;
  now(): Date;
  /** What maps queries to vectors, once it is fitted. */
  model(): Promise<ActiveModel | undefined>;
  /** Where mail goes. */
  readonly mail: MailTransport;
  /** What bounces and requests to unsubscribe are read with, and the key that signs those that come by HTTP. */
  readonly incoming: IncomingSettings & { readonly secret?: string };
  /** The key under which addresses are hashed. */
  readonly addressKey: Buffer;
  /** The folder of files beside the database. */
  readonly dataFolder: string;
  /** What asks arXiv. */
  readonly arxiv: ArxivClient;
  /** The key under which forms are stamped. */
  readonly formKey: Buffer;
  /** The tokens of subscriptions. */
  readonly links: SubscriptionLinks;
  /** The work that is done beside requests. */
  readonly jobs: Jobs;
  close(): Promise<void>;
}

/**
 * The official measurements: those that come with the site, or those in the folder that an operator names. Judging those
 * of the site takes seconds, and is left out where a start of the same build did it.
 */
async function storeMeasurements(
  orm: Orm,
  { GRADUS_MEASUREMENTS: folder }: NodeJS.ProcessEnv,
  build: string | undefined,
): Promise<void> {
  const own = folder ? undefined : build;
  if (own !== undefined && (await isImported(orm, own))) return;
  const measured = folder ? await readMeasurements(folder) : shippedMeasurements();
  const { skipped } = await importMeasurements(orm, measured);
  for (const reason of skipped) console.warn(`gradus: skipped a measurement: ${reason}`);
  await noteImport(orm, own);
}

/** Up to this many papers, the first requests wait until all of them can be found. */
const SMALL = 1000;
/** The file that says which messages a server has taken, beside the messages or the database. */
const JOURNAL_FILE = "mail-journal";
/** How soon after a start a missing backup is made. */
const FIRST_BACKUP_SECONDS = 600;

/** Brings a small collection up to date at once, and a large one while requests are answered. */
async function bringUpToDate({ orm }: Database, maintenance: Job, jobs: Jobs): Promise<void> {
  if ((await orm.$count(papers)) > SMALL) return jobs.request(maintenance.name);
  try {
    await maintenance.run(new AbortController().signal);
  } catch (error) {
    log({ job: maintenance.name, outcome: "failed", ...errorFields(error) });
    await jobs.request(maintenance.name);
  }
}

/** Writes the schema and what comes with the site; returns how many papers of the seed were written. */
async function writeContents(
  orm: Orm,
  environment: NodeJS.ProcessEnv,
  build: string | undefined,
): Promise<number> {
  await migrate(orm);
  const written = await loadSeed(orm);
  await syncRegistry(orm);
  await storeMeasurements(orm, environment, build);
  await storeTopics(orm);
  return written;
}

async function open(environment: NodeJS.ProcessEnv, build: string | undefined): Promise<Site> {
  assertSecret(environment);
  // A wrong value is told now, not to the first who asks for the figures.
  servesMetrics(environment);
  const now = clock(environment);
  const mail = openMail(environment);
  const links = subscriptionLinks(environment);
  const addresses = returnAddresses(environment, mail.domain);
  const incoming = { addresses, unsubscribe, now, secret: bounceSecret(environment) };
  const { GRADUS_DATABASE_DIR: folder = ".gradus/database", GRADUS_EMBED_MODEL: encoderFolder } = environment;
  const url = secretSetting(environment, "DATABASE_URL");
  const encoder = encoderFolder ? await openEncoder(encoderFolder) : undefined;
  const database = url ? await connect(url) : await openEmbedded(folder);
  try {
    if (database.notice) console.log(`gradus: ${database.notice}`);
    // Whoever keeps the site running starts it anew, and the database recovers.
    database.died?.then((reason) => {
      log({ level: "error", message: reason });
      process.exit(1);
    });
    const written = await inTurn(database, () => writeContents(database.orm, environment, build));
    const readModel = modelReader(encoder);
    const maintenance = maintenanceJob(database, { now, encoder, readModel });
    const backups = backupFolder(environment);
    const backup = backups === undefined ? [] : [backupJob(database, backups)];
    const { orm } = database;
    const addressKey = keyFor(environment, "addresses");
    const journal = openJournal(join(environment.GRADUS_MAIL_DIR || dirname(folder), JOURNAL_FILE));
    const delivery: Job = mailJob(orm, {
      ...{ transport: mail, journal, now },
      kinds: {
        "sign-in": { compose: signInComposer(orm, now) },
        "address-changed": addressChangedMail(environment.GRADUS_OPERATOR || undefined),
        confirm: confirmationMail(orm, { now, domain: mail.domain }),
        digest: digestMail(orm, {
          ...{ links, addresses, domain: mail.domain, now },
          ...{ origin: environment.ORIGIN || undefined, operator: environment.GRADUS_OPERATOR || undefined },
        }),
      },
      suppressed: (within, recipients) =>
        suppressedRecipients(within, recipients, (recipient) => addressHash(recipient, addressKey)),
      async returnPath(within, { id, recipient }) {
        await noteRecipient(within, id, addressHash(recipient, addressKey), now());
        return addresses.ofMessage(id);
      },
      refused: (within, recipient, error) =>
        noteRefusal(within, addressHash(recipient, addressKey), error, now()),
      runIn: (seconds) => request(delivery.name, seconds),
    });
    // Runs that were due before the start begin while the jobs are being started.
    const request = async (name: string, seconds?: number) => (await starting).request(name, seconds);
    const follow = () => request(delivery.name);
    const arriving = {
      client: openArxiv(orm, arxivSettings(environment)),
      now,
      index: () => request(maintenance.name),
    };
    const dataFolder = dirname(folder);
    const list = dailyListSettings(environment);
    const range = rangeJob(orm, dataFolder, { ...arriving, list });
    const returns = incomingJob(orm, dataFolder, incoming);
    const ingestion = [
      ...(ingests(environment) ? ingestJobs(orm, arriving) : []),
      ...(importsDailyLists(environment) ? [dailyListJob(orm, { ...arriving, list })] : []),
    ];
    const starting: Promise<Jobs> = startJobs(database, [
      ...[maintenance, delivery, returns, range, ...ingestion, ...backup],
      checkCountsJob(orm, { now }),
      ...(database.embedded ? [vacuumJob(orm)] : []),
      pendingJob(orm, arriving),
      subscriptionJob(orm, { now, key: addressKey, follow }),
      digestJob(orm, { now, follow }),
    ]);
    const jobs = await starting;
    if (mail.folder) {
      const { path, key } = mail.folder;
      // A terminal forgets the key, a log would keep it.
      const shown = process.stdout.isTTY
        ? `/mail?key=${key}`
        : `/mail with the key in its file "${KEY_FILE}"`;
      console.log(`gradus: no mail server (GRADUS_SMTP_URL); writing mail to ${path}, shown at ${shown}`);
    }
    const terminal = process.stdout.isTTY;
    const administrator = await administratorNotice(orm, { folder: dataFolder, now: now(), terminal });
    if (administrator) console.log(`gradus: ${administrator}`);
    await bringUpToDate(database, maintenance, jobs);
    const ranges = watchIngestRequests(dataFolder, () => void jobs.request(range.name).catch(() => {}));
    if (ingestRequests(dataFolder).length > 0) await jobs.request(range.name);
    const arrivals = watchIncomingMail(dataFolder, () => void jobs.request(returns.name).catch(() => {}));
    if (incomingMail(dataFolder).length > 0) await jobs.request(returns.name);
    // The last night's, if the site was not there then.
    if (backups !== undefined && isMissing(backups, new Date()))
      for (const { name } of backup) await jobs.request(name, FIRST_BACKUP_SECONDS);
    if (written > 0)
      console.log(
        `gradus: loaded ${written} seed papers (${registry.length} runnable), database ${database.description}`,
      );
    return {
      database,
      now,
      model: () => readModel(database.orm),
      mail,
      incoming,
      addressKey,
      dataFolder,
      arxiv: arriving.client,
      formKey: keyFor(environment, "forms"),
      links,
      jobs,
      async close() {
        ranges.close();
        arrivals.close();
        await jobs.close();
        journal.close();
        await encoder?.close();
        await database.close();
      },
    };
  } catch (error) {
    await encoder?.close();
    await database.close();
    throw error;
  }
}

/** Development servers load this module anew when it changes; the database must not be opened twice. */
const holder = globalThis as typeof globalThis & { gradusSite?: Promise<Site> };

/**
 * Opens the site, at the first call. `build` names the sources that run, by which a start knows what an earlier one did;
 * without it nothing is known.
 */
export function openSite(build?: string): Promise<Site> {
  holder.gradusSite ??= open(process.env, build);
  return holder.gradusSite;
}

/** The site, opened at the first call. */
export function site(): Promise<Site> {
  return openSite();
}

/** Closes the database; the next call of `site` opens it again. */
export async function closeSite(): Promise<void> {
  const opened = holder.gradusSite;
  holder.gradusSite = undefined;
  await (await opened)?.close();
}
