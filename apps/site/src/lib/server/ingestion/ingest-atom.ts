import { z } from "zod";
import type { Orm } from "../database/connect.ts";
import { log } from "../log.ts";
import { type Flag, raiseFlag } from "../moderation/flags.ts";
import type { PaperRecord } from "../papers/writing/record.ts";
import { writePapers } from "../papers/writing/write.ts";
import type { AtomPage } from "./arxiv/atom.ts";
import { atomPages, submittedBetween } from "./arxiv/atom-pages.ts";
import type { ArxivClient } from "./arxiv/client.ts";
import { type Arrivals, runSource } from "./run.ts";
import { readCursor, writeState } from "./state.ts";

const DAY = 86_400_000;
/** How far back the first run looks. */
const FIRST_DAYS = 7;
/** Papers of one announcement were submitted over a day, so that a later one may bring some from before the cursor. */
const OVERLAP_DAYS = 1;

/** The instant up to which papers are here, by when their first version came. */
const cursorSchema = z.object({ through: z.iso.datetime().transform((text) => new Date(text)) });

/** What ingestion goes by. */
export interface IngestSettings {
  readonly client: ArxivClient;
  now(): Date;
  readonly signal?: AbortSignal;
}

interface StoreSettings {
  readonly arrivals: Arrivals;
  readonly now: Date;
  readonly within?: (transaction: Orm) => Promise<void>;
}

const REASONS = { title: "same title and first author", doi: "same DOI" } as const;

/** The notice to moderators about two papers that look like one work. */
function duplicateFlag(paper: string, other: string, reason: keyof typeof REASONS): Flag {
  return {
    kind: "duplicate",
    subject: `${paper} ${other}`,
    summary: `arXiv:${other} looks like the same work as arXiv:${paper}: ${REASONS[reason]}.`,
    path: `/papers/${other}`,
  };
}

/** Stores a page of arXiv's feed, with what is to be stored in the same transaction; moderators see what looks twice. */
export async function storePage(
  orm: Orm,
  page: AtomPage,
  { arrivals, now, within }: StoreSettings,
): Promise<void> {
  if (page.unreadable.length > 0)
    log({ level: "error", source: "atom", unreadable: page.unreadable.length, message: page.unreadable[0] });
  const { added, updated } = await writePapers(orm, page.records, {
    async within(tx, duplicates) {
      for (const { paper, other, reason } of duplicates)
        await raiseFlag(tx, duplicateFlag(paper, other, reason), now);
      await within?.(tx);
    },
  });
  arrivals.added += added.length;
  arrivals.updated += updated.length;
}

const latest = (records: readonly PaperRecord[]) =>
  records.reduce((last, { publishedAt }) => Math.max(last, publishedAt.getTime()), 0);

/**
 * Brings the papers that arXiv has announced since the last time: those of the site's categories, by the instant of
 * their first version. The cursor moves with each page, in the transaction that stores it.
 */
export function ingestAtom(orm: Orm, { client, now, signal }: IngestSettings): Promise<Arrivals> {
  return runSource(orm, "atom", {
    now,
    async bring(arrivals) {
      const cursor = await readCursor(orm, "atom", cursorSchema);
      let through = cursor?.through ?? new Date(now().getTime() - FIRST_DAYS * DAY);
      const from = new Date(through.getTime() - (cursor ? OVERLAP_DAYS * DAY : 0));
      for await (const page of atomPages(client, submittedBetween(from, now()), { signal })) {
        through = new Date(Math.max(through.getTime(), latest(page.records)));
        await storePage(orm, page, {
          arrivals,
          now: now(),
          within: (tx) => writeState(tx, "atom", { cursor: { through } }),
        });
      }
    },
  });
}

/** Papers are announced within days, over weekends and holidays: of an interval that begins later there may be none yet. */
const ANNOUNCED_DAYS = 5;

/** Brings the papers whose first version came between two instants, and moves no cursor. */
export async function ingestBetween(
  orm: Orm,
  { client, now, signal }: IngestSettings,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<Arrivals> {
  const arrivals: Arrivals = { added: 0, updated: 0 };
  const mayBeEmpty = from.getTime() > now().getTime() - ANNOUNCED_DAYS * DAY;
  for await (const page of atomPages(client, submittedBetween(from, to), { signal, mayBeEmpty }))
    await storePage(orm, page, { arrivals, now: now() });
  return arrivals;
}
