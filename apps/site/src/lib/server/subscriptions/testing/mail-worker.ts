// Makes the digests that are due and sends them, as a site does: for a test that kills it on the way.
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { isServerUrl } from "@gradus/database";
import { connect, openEmbedded } from "../../database/connect.ts";
import { openJournal } from "../../mail/journal.ts";
import { mailJob } from "../../mail/outbox.ts";
import { returnAddresses } from "../../mail/return-addresses.ts";
import { openMail } from "../../mail/transport.ts";
import { digestJob } from "../digest-job.ts";
import { digestMail } from "../digest-mail.ts";
import { subscriptionLinks } from "../links.ts";

// Whoever is killed leaves nothing for the next one to start from.
flushCompileCache();

const [location, folder, origin, url, instant, moment, times] = process.argv.slice(2);
const environment = { ORIGIN: origin, GRADUS_SMTP_URL: url } as NodeJS.ProcessEnv;
const now = () => new Date(instant);
const { signal } = new AbortController();

let left = Number(times);
/** Stands still at the wanted moment, when it comes for the wanted time, and says so: from there nothing more is done. */
function reach(here: string): void {
  if (here !== moment || --left > 0) return;
  writeSync(1, "reached\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const { orm, close } = await (isServerUrl(location) ? connect(location) : openEmbedded(location));
const transport = openMail(environment);
const journal = openJournal(join(folder, "journal"));
const addresses = returnAddresses(environment, transport.domain);
const digest = digestMail(orm, {
  ...{ links: subscriptionLinks(environment), addresses, domain: transport.domain, origin, now },
});
await digestJob(orm, { now, follow: async () => reach("planned") }).run(signal);
await mailJob(orm, {
  ...{ transport, now },
  kinds: {
    "sign-in": { compose: async () => undefined },
    "address-changed": { compose: async () => undefined },
    confirm: { compose: async () => undefined },
    digest: {
      ...digest,
      compose(mail) {
        reach("composing");
        return digest.compose(mail);
      },
      async ended(transaction, mails, end) {
        await digest.ended?.(transaction, mails, end);
        reach("committing");
      },
    },
  },
  journal: {
    ...journal,
    record(id) {
      journal.record(id);
      reach("noted");
    },
  },
  suppressed: async () => new Set(),
  returnPath: async (_orm, { id }) => addresses.ofMessage(id),
  refused: async () => {},
  runIn: async () => {},
}).run(signal);
journal.close();
await close();
