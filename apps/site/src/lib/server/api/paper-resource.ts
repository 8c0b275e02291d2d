import type { z } from "zod";
import { parseArxivId } from "#lib/arxiv-id.ts";
import type { Orm } from "../database/connect.ts";
import { Problem } from "../http/problem.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";
import type { FullPaper } from "../papers/listing/paper-rows.ts";
import { claimCounts, noClaims } from "../papers/measurements/claim-measurements.ts";
import { paperByArxivId, type StoredPaper } from "../papers/papers.ts";
import type { paperSchema } from "./schemas.ts";

type PaperResource = z.output<typeof paperSchema>;

/** Papers as the API gives them. */
export async function paperResources(
  orm: Orm,
  papers: readonly FullPaper[],
  origin: string,
): Promise<PaperResource[]> {
  const claims = await claimCounts(
    orm,
    papers.filter(({ specSlug }) => specSlug !== null).map(({ id }) => id),
  );
  return papers.map((paper) => ({
    id: paper.arxivId,
    url: `${origin}/papers/${paper.arxivId}`,
    title: readableLine(paper.title),
    authors: [...paper.authors],
    abstract: paper.abstractText,
    abstract_html: paper.abstractHtml,
    topics: [...paper.topics],
    primary_category: paper.primaryCategory,
    categories: paper.categories,
    published_at: paper.publishedAt.toISOString(),
    updated_at: paper.arxivUpdatedAt?.toISOString() ?? null,
    version: paper.latestVersion,
    featured_at: paper.featuredAt?.toISOString() ?? null,
    featured_on: paper.featuredOn,
    votes: paper.votesCount,
    hot: paper.hot,
    external_upvotes: paper.externalUpvotes,
    code_url: paper.codeUrl,
    project_url: paper.projectUrl,
    arxiv_url: `https://arxiv.org/abs/${paper.arxivId}`,
    pdf_url: `https://arxiv.org/pdf/${paper.arxivId}`,
    comment: paper.comment,
    journal_ref: paper.journalRef,
    doi: paper.doi,
    withdrawn: paper.withdrawn,
    runnable:
      paper.specSlug === null ? null : { slug: paper.specSlug, claims: claims.get(paper.id) ?? noClaims },
  }));
}

/**
 * The paper that an identifier in the parameter `field` names, in any spelling of it.
 *
 * @throws Problem when it is no identifier, or there is no such paper here
 */
export async function requirePaper(orm: Orm, text: string, field = "id"): Promise<StoredPaper> {
  const reference = parseArxivId(text);
  const paper = reference && (await paperByArxivId(orm, reference.id));
  if (!paper || paper.hidden)
    throw new Problem("not_found", `Paper “${text.slice(0, 64)}” not found.`, field);
  return paper;
}
