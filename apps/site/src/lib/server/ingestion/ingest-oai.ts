import { eq, inArray } from "drizzle-orm";
import { z } from "zod";
import type { Orm } from "../database/connect.ts";
import { papers } from "../database/schema/index.ts";
import { log } from "../log.ts";
import { atomPapers } from "./arxiv/atom-pages.ts";
import { inScope } from "./arxiv/categories.ts";
import type { OaiPage, OaiRecord } from "./arxiv/oai.ts";
import { oaiPages, SETS } from "./arxiv/oai-pages.ts";
import { type IngestSettings, storePage } from "./ingest-atom.ts";
import { type Arrivals, runSource } from "./run.ts";
import { readCursor, writeState } from "./state.ts";

const DAY = 86_400_000;
/** A paper that moderators held may be announced so long after it was submitted; one from before was left out. */
const NEW_DAYS = 60;

/** The day from which each set is harvested next. */
const cursorSchema = z.record(z.string(), z.iso.date());

const dayOf = (instant: Date) => instant.toISOString().slice(0, 10);

const known = {
  id: papers.id,
  arxivId: papers.arxivId,
  version: papers.latestVersion,
  kind: papers.abstractKind,
  comment: papers.comment,
  journalRef: papers.journalRef,
  doi: papers.doi,
  license: papers.license,
  withdrawn: papers.withdrawn,
};

type Known = { readonly [Name in keyof typeof known]: (typeof known)[Name]["_"]["data"] | null };

/** What a record says of a paper's present version that its row does not. */
function changes(row: Known, { comment, journalRef, doi, license, withdrawn }: OaiRecord) {
  const next = {
    comment: comment ?? row.comment,
    journalRef: journalRef ?? row.journalRef,
    doi: doi ?? row.doi,
    license: license ?? row.license,
    withdrawn,
  };
  const same =
    next.comment === row.comment &&
    next.journalRef === row.journalRef &&
    next.doi === row.doi &&
    next.license === row.license &&
    next.withdrawn === row.withdrawn;
  return same ? undefined : next;
}

/** Applies what a page says about known papers; returns the papers whose text has to be fetched. */
async function readPage(orm: Orm, { records, deleted }: OaiPage, now: Date): Promise<string[]> {
  const ids = [...records.map(({ arxivId }) => arxivId), ...deleted];
  if (ids.length === 0) return [];
  const rows = await orm.select(known).from(papers).where(inArray(papers.arxivId, ids));
  const byId = new Map(rows.map((row) => [row.arxivId, row]));
  const wanted: string[] = [];
  for (const record of records) {
    const row = byId.get(record.arxivId);
    const { version } = record.versions[record.versions.length - 1];
    if (!row) {
      const age = now.getTime() - record.versions[0].at.getTime();
      if (age <= NEW_DAYS * DAY && inScope(record.categories)) wanted.push(record.arxivId);
    } else if (version > row.version || row.kind === "flattened") wanted.push(record.arxivId);
    else if (version === row.version) {
      const next = changes(row, record);
      if (next) await orm.update(papers).set(next).where(eq(papers.id, row.id));
    }
  }
  for (const arxivId of deleted)
    if (byId.get(arxivId)?.withdrawn === false)
      await orm.update(papers).set({ withdrawn: true }).where(eq(papers.arxivId, arxivId));
  return wanted;
}

/**
 * Brings what changed of known papers (new versions, withdrawals, journals), and papers that were announced long after
 * they were submitted. OAI-PMH says which they are; their text comes from the query API. A set's cursor moves to the
 * day of the repository's first answer when all of the set is stored.
 */
export function ingestOai(orm: Orm, { client, now, signal }: IngestSettings): Promise<Arrivals> {
  return runSource(orm, "oai", {
    now,
    async bring(arrivals) {
      const cursor = { ...(await readCursor(orm, "oai", cursorSchema)) };
      for (const set of SETS) {
        const from = cursor[set] ?? dayOf(new Date(now().getTime() - DAY));
        let answered: string | undefined;
        for await (const page of oaiPages(client, set, { from, signal })) {
          answered ??= dayOf(page.responseDate);
          if (page.unreadable.length > 0)
            log({
              level: "error",
              source: "oai",
              unreadable: page.unreadable.length,
              message: page.unreadable[0],
            });
          const wanted = await readPage(orm, page, now());
          for await (const found of atomPapers(client, wanted, signal))
            await storePage(orm, found, { arrivals, now: now() });
        }
        cursor[set] = answered ?? from;
        await writeState(orm, "oai", { cursor });
      }
    },
  });
}
