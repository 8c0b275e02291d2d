import { createHash } from "node:crypto";
import { inArray } from "drizzle-orm";
import type { z } from "zod";
import type { Orm } from "../../database/connect.ts";
import { users } from "../../database/schema/index.ts";
import { readableLine } from "../../papers/abstract/readable-line.ts";
import type { PaperSummary } from "../../papers/listing/paper-rows.ts";
import { claimCounts, noClaims } from "../../papers/measurements/claim-measurements.ts";
import { reportCounts } from "../../reports/published.ts";
import type { dailyPaperSchema, paperInfoSchema } from "./schemas.ts";

type DailyPaper = z.output<typeof dailyPaperSchema>;
type PaperInfo = z.output<typeof paperInfoSchema>;

/** The same 24 hexadecimal digits for the same name, whenever asked. */
const objectId = (name: string) => createHash("sha256").update(name).digest("hex").slice(0, 24);

async function submitters(orm: Orm, papers: readonly PaperSummary[]): Promise<Map<string, string>> {
  const ids = papers.map(({ submittedBy }) => submittedBy).filter((id) => id !== null);
  if (ids.length === 0) return new Map();
  const rows = await orm.select({ id: users.id, name: users.name }).from(users).where(inArray(users.id, ids));
  return new Map(rows.flatMap(({ id, name }) => (name === null ? [] : [[id, name] as const])));
}

/** Where the code is, but for code elsewhere than on GitHub, which has no field there. */
const githubRepo = (url: string | null) => (url?.startsWith("https://github.com/") ? url : null);

function paperFields(paper: PaperSummary) {
  return {
    id: paper.arxivId,
    authors: paper.authors.map((name, i) => ({
      _id: objectId(`${paper.arxivId} ${i + 1}`),
      name,
      hidden: false as const,
    })),
    publishedAt: paper.publishedAt.toISOString(),
    submittedOnDailyAt: paper.featuredAt?.toISOString() ?? null,
    title: readableLine(paper.title),
    summary: paper.abstractText,
    upvotes: paper.votesCount,
    discussionId: null,
    projectPage: paper.projectUrl,
    githubRepo: githubRepo(paper.codeUrl),
  };
}

/** What both shapes have beside the paper's own fields. */
async function surroundings(orm: Orm, papers: readonly PaperSummary[], origin: string) {
  const names = await submitters(orm, papers);
  const runnable = papers.filter(({ specSlug }) => specSlug !== null).map(({ id }) => id);
  const [counts, reports] = await Promise.all([claimCounts(orm, runnable), reportCounts(orm, runnable)]);
  return (paper: PaperSummary) => {
    const name = paper.submittedBy === null ? undefined : names.get(paper.submittedBy);
    return {
      numComments: reports.get(paper.id) ?? 0,
      submitter:
        name === undefined
          ? null
          : { user: name, name, fullname: name, avatarUrl: `${origin}/favicon.svg`, type: "user" as const },
      gradus: {
        url: `${origin}/papers/${paper.arxivId}`,
        runnable: paper.specSlug !== null,
        slug: paper.specSlug,
        claims: counts.get(paper.id) ?? noClaims,
        externalUpvotes: paper.externalUpvotes,
      },
    };
  };
}

/** Papers as items of Hugging Face's lists. */
export async function dailyPapers(
  orm: Orm,
  papers: readonly PaperSummary[],
  origin: string,
): Promise<DailyPaper[]> {
  const around = await surroundings(orm, papers, origin);
  return papers.map((paper) => {
    const { submitter, numComments, gradus } = around(paper);
    return {
      paper: paperFields(paper),
      title: readableLine(paper.title),
      summary: paper.abstractText,
      // Its Python client takes a zero within the paper for a missing value.
      upvotes: paper.votesCount,
      publishedAt: paper.featuredAt?.toISOString() ?? null,
      submittedBy: submitter,
      thumbnail: null,
      numComments,
      isAuthorParticipating: false,
      gradus,
    };
  });
}

/** A paper as Hugging Face gives it by itself. */
export async function paperInfo(orm: Orm, paper: PaperSummary, origin: string): Promise<PaperInfo> {
  const { submitter, numComments, gradus } = (await surroundings(orm, [paper], origin))(paper);
  return {
    ...paperFields(paper),
    source: "arxiv",
    ai_summary: null,
    ai_keywords: [],
    organization: null,
    githubStars: null,
    submittedOnDailyBy: submitter,
    numComments,
    linkedModels: [],
    linkedDatasets: [],
    linkedSpaces: [],
    numTotalModels: 0,
    numTotalDatasets: 0,
    numTotalSpaces: 0,
    gradus,
  };
}
