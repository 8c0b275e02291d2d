import { papers as registry } from "@gradus/papers";
import { authorsLine } from "#lib/authors.ts";
import { countLabel } from "#lib/days.ts";
import { verdictSummary } from "#lib/lab/verdict-summary.ts";
import type { Orm } from "../database/connect.ts";
import { excerpt } from "../papers/abstract/excerpt.ts";
import { segmentsText } from "../papers/abstract/plain-text.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";
import { paperSummaries } from "../papers/listing/paper-rows.ts";
import { officialVerdicts } from "../papers/measurements/claim-measurements.ts";
import { measuredView } from "../papers/measurements/figures.ts";

/** Characters of an abstract. */
const EXCERPT = 280;
/** Findings of a paper: the others are on its page. */
const FINDINGS = 2;
/** Milliseconds that a paper is remembered: most of the digests of an hour have the same. */
const REMEMBERED = 60_000;
const MOST_REMEMBERED = 2000;

/** A paper as a digest shows it, in plain text. */
export interface DigestPaper {
  readonly arxivId: string;
  readonly title: string;
  readonly authors: string;
  readonly excerpt: string;
  /** "12 votes · 5 of 6 claims held". */
  readonly marks: string;
  /** What the first of its official runs found, a sentence for each. */
  readonly findings: readonly string[];
}

/** Text on one line: titles of papers may hold line breaks and control characters. Spaces that do not break stay. */
export function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp} ]+/gu, " ").trim();
}

/** What was measured of a runnable paper, as its figures are described to those who cannot see them. */
async function findingsOf(slug: string | null): Promise<string[]> {
  const paper = registry.find((one) => one.slug === slug);
  if (!paper) return [];
  const views = await Promise.all(
    paper.experiments.map(async ({ load }) => measuredView(paper, await load())),
  );
  return views.flatMap((view) => (view ? [onOneLine(view.headline)] : [])).slice(0, FINDINGS);
}

/** Reads papers for digests; each is read once a minute. */
export function digestPapers(): (
  orm: Orm,
  ids: readonly number[],
) => Promise<ReadonlyMap<number, DigestPaper>> {
  const remembered = new Map<number, { readonly paper: DigestPaper; readonly readAt: number }>();
  // Official runs come with the site.
  const findings = new Map<string | null, Promise<string[]>>();

  const findingsFor = (slug: string | null) => {
    const known = findings.get(slug) ?? findingsOf(slug);
    findings.set(slug, known);
    known.catch(() => findings.delete(slug));
    return known;
  };

  async function read(orm: Orm, ids: readonly number[], readAt: number): Promise<void> {
    const rows = await paperSummaries(orm, ids);
    const verdicts = await officialVerdicts(orm, ids);
    for (const { id, arxivId, title, authors, abstractText, votesCount, specSlug } of rows) {
      const claims = verdicts.get(id);
      const marks = [countLabel(votesCount, "vote"), ...(claims ? [verdictSummary(claims)] : [])];
      const paper: DigestPaper = {
        ...{
          arxivId,
          title: onOneLine(readableLine(title)),
          authors: onOneLine(authorsLine(authors)),
          marks: marks.join(" · "),
        },
        excerpt: onOneLine(segmentsText(excerpt([{ kind: "text", text: abstractText }], EXCERPT))),
        findings: await findingsFor(specSlug),
      };
      remembered.set(id, { paper, readAt });
    }
  }

  return async (orm, ids) => {
    const now = performance.now();
    if (remembered.size > MOST_REMEMBERED) remembered.clear();
    const fresh = (id: number) => now - (remembered.get(id)?.readAt ?? Number.NEGATIVE_INFINITY) < REMEMBERED;
    const missing = [...new Set(ids)].filter((id) => !fresh(id));
    if (missing.length > 0) await read(orm, missing, now);
    return new Map(
      ids.flatMap((id) => {
        const known = remembered.get(id);
        return known ? [[id, known.paper] as const] : [];
      }),
    );
  };
}
