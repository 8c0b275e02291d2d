import { z } from "@hono/zod-openapi";

export const instant = (description: string) =>
  z.iso.datetime({ precision: 3 }).meta({ description, examples: ["2025-12-25T00:00:01.000Z"] });
export const day = (description: string) => z.iso.date().meta({ description, examples: ["2025-12-25"] });
export const address = (description: string) => z.url().meta({ description });
export const count = (description: string) => z.int().min(0).meta({ description });

/** What is known of a claim. */
const verdictSchema = z
  .enum(["held", "mixed", "did not hold", "inconclusive", "not run"])
  .openapi("Verdict")
  .meta({
    description:
      "Verdict of the official measurements, over seeds, on a claim: held in at least 19 of 20, mixed, or in at most 1 of 20; inconclusive where what was measured does not decide.",
  });

export const claimCountsSchema = z
  .object({
    total: count("Number of claims."),
    held: count("Claims that held in all seeds, or in at least 19 of 20."),
    mixed: count("Claims that held in some seeds."),
    did_not_hold: count("Claims that held in at most 1 of 20 seeds."),
    inconclusive: count("Claims that the official measurements leave undecided."),
    not_run: count("Claims without an official measurement."),
  })
  .openapi("ClaimCounts")
  .meta({ description: "A paper's claims, counted by official verdict." });

export const paperSchema = z
  .object({
    id: z.string().meta({ description: "arXiv identifier without version.", examples: ["2412.08424"] }),
    url: address("The paper's page here."),
    title: z.string().meta({ description: "Plain text with formulas in Unicode." }),
    authors: z.array(z.string()).meta({ description: "Names as written in the paper, in its order." }),
    abstract: z.string().meta({ description: "Plain text with formulas in Unicode." }),
    abstract_html: z.string().meta({ description: "HTML with formulas in MathML." }),
    topics: z.array(z.string()).meta({ description: "Slugs of the paper's topics." }),
    primary_category: z.string().nullable().meta({ description: "arXiv category." }),
    categories: z.array(z.string()).meta({ description: "arXiv categories." }),
    published_at: instant("When the first version appeared."),
    updated_at: instant("When the latest version appeared, if known.").nullable(),
    version: z.int().min(1).meta({ description: "Latest known version." }),
    featured_at: instant("When the paper was featured; null if it is only indexed.").nullable(),
    featured_on: day("UTC day on which the paper was featured.").nullable(),
    votes: count("Votes by readers of this site."),
    hot: z.number().nullable().meta({
      description: "Trending score: the base-2 logarithm of votes with a half-life of 48 hours.",
    }),
    external_upvotes: count("Votes on Hugging Face, not used in any ranking.").nullable(),
    code_url: address("The authors' code.").nullable(),
    project_url: address("The authors' project page.").nullable(),
    arxiv_url: address("The abstract page on arXiv."),
    pdf_url: address("The PDF on arXiv."),
    comment: z.string().nullable().meta({ description: "The authors' comment." }),
    journal_ref: z.string().nullable(),
    doi: z.string().nullable().meta({ description: "The publisher's DOI." }),
    withdrawn: z.boolean(),
    runnable: z
      .object({
        slug: z.string().meta({ description: "The paper's name in `gradus run`." }),
        claims: claimCountsSchema,
      })
      .nullable()
      .meta({ description: "Null if the paper has no runnable experiments." }),
  })
  .openapi("Paper")
  .meta({ description: "A paper." });

const nextCursor = z
  .string()
  .nullable()
  .meta({ description: "Cursor of the next page; null on the last page." });

export const papersSchema = z
  .object({
    papers: z.array(paperSchema),
    total: count("Papers on all pages."),
    next_cursor: nextCursor,
  })
  .openapi("Papers")
  .meta({ description: "A page of a list of papers." });

export const searchResultsSchema = z
  .object({
    query: z.string().meta({ description: "The normalized query." }),
    papers: z.array(paperSchema),
    total: count("Papers found, among the best 100 each by words, meaning and spelling."),
    next_cursor: nextCursor,
    identifier: z.string().nullable().meta({ description: "The arXiv identifier, if the query is one." }),
    suggestions: z.array(z.string()).meta({ description: "Spelling suggestions, if nothing was found." }),
  })
  .openapi("Found")
  .meta({ description: "Search results." });

export const relatedSchema = z
  .object({
    related: z.array(
      z.object({
        cosine: z
          .number()
          .min(-1)
          .max(1)
          .meta({ description: "Cosine similarity of the papers' embeddings." }),
        paper: paperSchema,
      }),
    ),
  })
  .openapi("Related")
  .meta({ description: "Related papers, most similar first." });

const measurementSchema = z
  .object({
    experiment: z.string(),
    profile: z.enum(["quick", "full"]),
    seeds: count("How many seeds were measured, from 1 on."),
    checks: z.array(
      z.object({
        label: z.string().meta({ description: "What was measured." }),
        measured: z
          .array(z.number().or(z.enum(["Infinity", "-Infinity", "NaN"])))
          .meta({ description: "The figure of each seed; a word if it is not finite." }),
        wanted: z.string().meta({ description: "The condition.", examples: ["at most 0.5"] }),
        ground: z
          .object({ kind: z.enum(["theorem", "reported", "criterion"]), text: z.string() })
          .meta({ description: "What the condition rests on." }),
        held: count("In how many seeds it held."),
      }),
    ),
    environment: z.object({ runtime: z.string(), platform: z.string(), cores: z.number() }),
    version: z.string().meta({ description: "Version of gradus used." }),
    measured_at: instant("When it was measured."),
  })
  .openapi("Measurement")
  .meta({ description: "An official measurement of a claim by an experiment, over seeds." });

export const claimsSchema = z
  .object({
    claims: z.array(
      z.object({
        code: z.string().meta({ examples: ["C1"] }),
        statement: z.string().meta({ description: "The claim in our words." }),
        short: z.string(),
        source: z.string().meta({ description: "Where the paper makes the claim." }),
        paper_value: z.string().meta({ description: "What the paper reports." }),
        verdict: verdictSchema,
        seeds: z
          .object({ held: z.int().min(0), of: z.int().min(0) })
          .meta({ description: "In how many seeds the claim held." }),
        by_criterion: z.boolean().meta({
          description: "Whether no condition has a theorem or a number of the paper behind it.",
        }),
        reason: z.string().nullable().meta({ description: "Why the claim is inconclusive." }),
        measurements: z.array(measurementSchema),
      }),
    ),
  })
  .openapi("Claims")
  .meta({
    description: "The claims of a paper and their official measurements; empty if the paper is not runnable.",
  });

export const topicsSchema = z
  .object({
    topics: z.array(
      z.object({
        slug: z.string(),
        label: z.string(),
        query: z.string().meta({ description: "The saved search that defines the topic." }),
        papers: count("Featured papers with this topic."),
      }),
    ),
  })
  .openapi("Topics")
  .meta({ description: "The topics, in display order." });

export const daysSchema = z
  .object({
    days: z.array(
      z.object({
        date: day("A UTC day with featured papers."),
        papers: z.int().min(1),
        runnable: count("Runnable papers of the day."),
      }),
    ),
    next_cursor: nextCursor,
  })
  .openapi("Days")
  .meta({ description: "Days with papers, latest first." });

const value = z.union([z.number(), z.string(), z.boolean(), z.array(z.number()), z.array(z.string())]);

export const experimentsSchema = z
  .object({
    experiments: z.array(
      z.object({
        paper: z.string().meta({ description: "arXiv identifier." }),
        slug: z.string().meta({ description: "The paper's name in `gradus run`." }),
        id: z.string(),
        title: z.string(),
        description: z.string(),
        claims: z.array(z.string()).meta({ description: "Codes of the claims it measures." }),
        seconds: z
          .object({ quick: z.number(), full: z.number() })
          .meta({ description: "Approximate run time in seconds, by profile." }),
        parameters: z.array(
          z.object({
            name: z.string(),
            label: z.string(),
            quick: value.meta({ description: "Value in the quick profile." }),
            full: value.meta({ description: "Value in the full profile." }),
            minimum: z.number().optional(),
            maximum: z.number().optional(),
            options: z.array(z.string()).optional(),
          }),
        ),
        command: z.string().meta({ description: "Command that runs it on your machine." }),
      }),
    ),
  })
  .openapi("Experiments")
  .meta({ description: "The runnable experiments." });

export const statusSchema = z
  .object({
    now: instant("Time of this report, to the minute."),
    version: z.string().meta({ description: "Version of gradus." }),
    papers: count("Papers in the database."),
    featured: count("Featured papers."),
    latest_day: day("The latest day with papers.").nullable(),
    runnable: count("Papers with runnable experiments."),
    claims: claimCountsSchema,
    ingestion: z
      .array(
        z.object({
          source: z.string(),
          ok_at: instant("Last successful ingestion.").nullable(),
          failing_since: instant("Time of the latest failure, if the source has failed since.").nullable(),
        }),
      )
      .meta({ description: "Ingestion sources; empty if none is configured." }),
    embedding: z
      .object({
        model: z.string(),
        dimension: z.int().min(1),
        papers: count("Papers in the training set of the embedding."),
        fitted_at: instant("When it was fitted."),
      })
      .nullable()
      .meta({ description: "The embedding model that search uses." }),
  })
  .openapi("Status")
  .meta({ description: "Status of the site." });

export const filedReportSchema = z
  .object({
    id: z.int().min(1),
    paper: z.string().meta({ description: "arXiv identifier of the paper." }),
    url: address("The paper's page here, which shows the report."),
    checks: count("Checks of the report's experiment."),
    held: count("Checks that held."),
    note_pending: z.boolean().meta({ description: "Whether the text waits for a moderator." }),
  })
  .openapi("FiledReport")
  .meta({ description: "A report that was accepted." });

export const withdrawnReportSchema = z
  .object({ id: z.int().min(1), withdrawn: z.literal(true) })
  .openapi("WithdrawnReport")
  .meta({ description: "A report that was deleted." });

export const submissionSchema = z
  .object({
    paper: z.string().meta({ description: "arXiv identifier of the paper." }),
    state: z
      .enum(["accepted", "pending"])
      .meta({ description: "`pending` while arXiv does not answer, for up to 48 hours." }),
    lane: z.enum(["daily", "classic"]).nullable().meta({ description: "Where it is featured." }),
    url: address("The paper's page here, once it is here."),
  })
  .openapi("Submission")
  .meta({ description: "A submission." });

export const requestedSubscriptionSchema = z
  .object({ message: z.string() })
  .openapi("RequestedSubscription")
  .meta({ description: "The same for every address." });

export const subscriptionSchema = z
  .object({
    id: z.uuid(),
    address: z.string().meta({ description: "Masked, such as `a•••@e•••.org`." }),
    status: z
      .enum(["pending", "active", "unsubscribed", "suppressed"])
      .meta({ description: "`pending` until its owner has confirmed." }),
    cadence: z.enum(["daily", "weekly"]),
    hour: z.int().min(0).max(23).meta({ description: "Local hour of the message." }),
    weekday: z.int().min(1).max(7).nullable().meta({ description: "Of a weekly digest, 1 is Monday." }),
    tz: z.string().meta({ description: "IANA time zone." }),
    topics: z
      .array(z.string())
      .meta({ description: "Slugs; with no topic and no keyword, every paper is sent." }),
    keywords: z.array(z.string()).meta({ description: "Queries in the syntax of the search." }),
    min_votes: count("Votes that a paper has at least."),
    max_papers: z.int().min(1).meta({ description: "Papers in a message at most." }),
    created_at: instant("When it was asked for."),
    confirmed_at: instant("When its owner confirmed.").nullable(),
    next_due_at: instant("When the next message is due.").nullable(),
  })
  .openapi("Subscription")
  .meta({ description: "A subscription." });

export const subscriptionListSchema = z
  .object({ subscriptions: z.array(subscriptionSchema) })
  .openapi("Subscriptions")
  .meta({ description: "Subscriptions of the account." });

export const voteSchema = z
  .object({
    votes: count("Votes for the paper by readers of this site."),
    voted: z.boolean().meta({ description: "Whether the reader who is signed in has voted." }),
  })
  .openapi("Vote")
  .meta({ description: "Where the paper stands then." });

export const problemSchema = z
  .object({
    error: z.object({
      code: z.enum([
        "invalid_address",
        "invalid_parameter",
        "query_too_long",
        "not_found",
        "unauthorized",
        "duplicate",
        "too_large",
        "unsupported_media_type",
        "invalid_report",
        "invalid_body",
        "submission_refused",
        "conflict",
        "cross_site",
        "method_not_allowed",
        "address_too_long",
        "too_many_requests",
        "internal",
        "unavailable",
        "overloaded",
      ]),
      message: z.string().meta({ description: "Message for people." }),
      field: z.string().optional().meta({ description: "Name of the invalid parameter." }),
    }),
  })
  .openapi("Problem")
  .meta({ description: "An error." });
