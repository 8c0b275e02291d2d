// Ingests from an address into a folder, without the pauses: for a test that kills it on the way.
import { openEmbedded } from "../../database/connect.ts";
import { migrate } from "../../database/migrate.ts";
import { openArxiv } from "../arxiv/client.ts";
import { ingestAtom } from "../ingest-atom.ts";
import { simulatedTime } from "./fake-arxiv.ts";

const [folder, queryUrl, now] = process.argv.slice(2);
const time = simulatedTime(new Date(now));
const database = await openEmbedded(folder);
await migrate(database.orm);
const client = openArxiv(database.orm, {
  queryUrl: new URL(queryUrl),
  oaiUrl: new URL(queryUrl),
  userAgent: "gradus",
  timing: time,
});
await ingestAtom(database.orm, { client, now: time.now });
await database.close();
