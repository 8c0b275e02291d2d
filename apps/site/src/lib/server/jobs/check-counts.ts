import { inArray, sql } from "drizzle-orm";
import { countLabel } from "#lib/days.ts";
import type { Orm } from "../database/connect.ts";
import { lockPapers } from "../database/row-locks.ts";
import { rowsOf } from "../database/rows.ts";
import { papers } from "../database/schema/index.ts";
import type { Job } from "../job.ts";
import { log } from "../log.ts";
import { raiseFlag } from "../moderation/flags.ts";

/** How far a stored score may be from the one of its votes: votes are added one by one, each with a rounding. */
const TOLERANCE = 1e-6;
/** Papers that a flag names. */
const NAMED = 5;

/** A paper whose stored figures are not those of its rows. */
export interface Difference {
  readonly id: number;
  readonly arxivId: string;
  /** Which figures: those of its votes, or the number of its authors. */
  readonly votes: boolean;
  readonly authors: boolean;
}

/**
 * Counts votes and authors anew and computes the score `log2(2^((f - T0) / H) + Σ w 2^((t - T0) / H))` of every paper, in
 * one statement, which sees no vote half cast. Returns the papers that differ.
 */
export async function findDifferences(orm: Orm): Promise<readonly Difference[]> {
  const result = await orm.execute(sql`
    with counted as (
      select paper_id, count(*)::int as total from votes group by paper_id
    ), listed as (
      select paper_id, count(*)::int as total from paper_authors group by paper_id
    ), terms as (
      select id as paper_id, vote_exponent(featured_at) as exponent from papers where featured_at is not null
      union all
      select v.paper_id, vote_exponent(v.voted_at) + ln(v.weight::float8) / ln(2::float8)
      from votes v join papers p on p.id = v.paper_id where v.weight > 0 and p.featured_at is not null
    ), largest as (
      select paper_id, max(exponent) as exponent from terms group by paper_id
    ), scores as (
      select paper_id, max(l.exponent)
        + ln(sum(power(2::float8, greatest(t.exponent - l.exponent, -1000)))) / ln(2::float8) as hot
      from terms t join largest l using (paper_id) group by paper_id
    ), compared as (
      select p.id, p.arxiv_id, p.votes_count <> coalesce(c.total, 0)
          or (p.hot is null) <> (s.hot is null)
          or coalesce(abs(p.hot - s.hot) > ${TOLERANCE}::float8, false) as votes,
        p.authors_count <> coalesce(a.total, 0) as authors
      from papers p
      left join counted c on c.paper_id = p.id
      left join listed a on a.paper_id = p.id
      left join scores s on s.paper_id = p.id
    )
    select id::int as id, arxiv_id as "arxivId", votes, authors from compared where votes or authors order by arxiv_id`);
  return rowsOf<Difference>(result);
}

/** Stores the counts and scores that the votes of some papers give. */
function recount(orm: Orm, ids: readonly number[]): Promise<void> {
  return orm.transaction(async (transaction) => {
    for (const id of await lockPapers(transaction, inArray(papers.id, [...ids])))
      await transaction.execute(sql`select recount_votes(${id}::bigint)`);
  });
}

function named(differences: readonly Difference[]): string {
  const ids = differences.slice(0, NAMED).map(({ arxivId }) => arxivId);
  return `${countLabel(differences.length, "paper")} (arXiv ${ids.join(", ")}${differences.length > NAMED ? ", …" : ""})`;
}

/** The notice to a moderator. */
function summaryOf(differences: readonly Difference[]): string {
  const [votes, authors] = [
    differences.filter(({ votes }) => votes),
    differences.filter((one) => one.authors),
  ];
  return [
    votes.length > 0 &&
      `The votes of ${named(votes)} did not give the stored count or score; both were corrected.`,
    authors.length > 0 &&
      `The stored number of authors of ${named(authors)} is not that of the listed authors.`,
  ]
    .filter(Boolean)
    .join(" ");
}

/**
 * The job that compares counts and scores with the rows that they are of, every night. They change in one transaction, so
 * that a difference is a fault of the site: it is logged and flagged, and what votes give is stored.
 */
export function checkCountsJob(orm: Orm, { now }: { now(): Date }): Job {
  return {
    name: "check-counts",
    schedule: "30 2 * * *",
    async run(signal) {
      signal.throwIfAborted();
      const differences = await findDifferences(orm);
      if (differences.length === 0) return;
      await recount(
        orm,
        differences.filter(({ votes }) => votes).map(({ id }) => id),
      );
      log({ level: "error", message: "stored counts differ from their rows", papers: differences.length });
      const summary = summaryOf(differences);
      await raiseFlag(orm, { kind: "counts", subject: "counts", summary }, now());
    },
  };
}
