import { z } from "@hono/zod-openapi";
import { claimCountsSchema } from "../schemas.ts";

const instant = z.iso.datetime({ precision: 3 });
/** Identifiers of rows there are 24 hexadecimal digits. */
const objectId = z.string().regex(/^[0-9a-f]{24}$/);
const none = z.array(z.unknown()).max(0);
const noRepositories = none.meta({ description: "Always empty: repositories are not linked." });
const zero = z.literal(0);
const reports = z.int().min(0);

const userSchema = z.object({
  user: z.string(),
  name: z.string(),
  fullname: z.string(),
  avatarUrl: z.string(),
  type: z.literal("user"),
});

/** What there is here beyond the fields of Hugging Face. */
const gradusSchema = z
  .object({
    url: z.url(),
    runnable: z.boolean(),
    slug: z.string().nullable(),
    claims: claimCountsSchema,
    externalUpvotes: z.int().min(0).nullable(),
  })
  .meta({ description: "Fields specific to gradus." });

const paperFields = {
  id: z.string(),
  authors: z.array(z.object({ _id: objectId, name: z.string(), hidden: z.literal(false) })),
  publishedAt: instant.meta({ description: "When it appeared on arXiv." }),
  submittedOnDailyAt: instant.nullable().meta({ description: "When it was featured." }),
  title: z.string(),
  summary: z.string(),
  upvotes: z.int().min(0),
  discussionId: z.null().meta({ description: "Always null: there are no discussions." }),
  projectPage: z.string().nullable(),
  githubRepo: z.string().nullable(),
} as const;

/** An item of a list. */
export const dailyPaperSchema = z
  .object({
    paper: z.object(paperFields),
    title: z.string(),
    summary: z.string(),
    upvotes: z.int().min(0),
    publishedAt: instant.nullable().meta({ description: "When it was featured." }),
    submittedBy: userSchema.nullable(),
    thumbnail: z.null().meta({ description: "Always null: there are no thumbnails." }),
    numComments: reports.meta({ description: "Published reproduction reports; there are no comments." }),
    isAuthorParticipating: z.literal(false),
    gradus: gradusSchema,
  })
  .openapi("DailyPaper")
  .meta({ description: "A paper in a list, in Hugging Face's format." });

export const dailyPapersSchema = z
  .array(dailyPaperSchema)
  .openapi("DailyPapers")
  .meta({ description: "An array of papers." });

/** A paper by itself. */
export const paperInfoSchema = z
  .object({
    ...paperFields,
    source: z.literal("arxiv"),
    ai_summary: z.null(),
    ai_keywords: none,
    organization: z.null(),
    githubStars: z.null(),
    submittedOnDailyBy: userSchema.nullable(),
    numComments: reports,
    linkedModels: noRepositories,
    linkedDatasets: noRepositories,
    linkedSpaces: noRepositories,
    numTotalModels: zero,
    numTotalDatasets: zero,
    numTotalSpaces: zero,
    gradus: gradusSchema,
  })
  .openapi("PaperInfo")
  .meta({ description: "A paper, in Hugging Face's format." });

/** A failure in Hugging Face's format. */
export const compatibleProblemSchema = z
  .object({ error: z.string() })
  .openapi("CompatibleProblem")
  .meta({ description: "An error, in Hugging Face's format." });
