import { z } from "zod";

const instant = (description: string) =>
  z.iso.datetime({ precision: 3 }).meta({ description, examples: ["2025-12-25T00:00:01.000Z"] });
const day = (description: string) => z.iso.date().meta({ description, examples: ["2025-12-25"] });
const address = (description: string) => z.url().meta({ description });
const count = (description: string) => z.int().min(0).meta({ description });

/** What is known of a claim. */
export const verdictSchema = z
  .enum(["held", "did not hold", "differs by platform", "not run"])
  .meta({ description: "What the official measurements say of a claim." });

export const claimCountsSchema = z
  .object({
    total: count("Claims of the paper's specification."),
    held: count("Claims that held when they were last measured."),
    did_not_hold: count("Claims that did not hold, or not on every platform."),
    not_run: count("Claims without an official measurement."),
  })
  .meta({ description: "A paper's claims by what their official measurements say." });

export const paperSchema = z
  .object({
    id: z.string().meta({ description: "arXiv identifier without version.", examples: ["2412.08424"] }),
    url: address("The paper's page here."),
    title: z.string(),
    authors: z.array(z.string()).meta({ description: "Names in natural form, in the paper's order." }),
    abstract: z.string().meta({ description: "Plain text, formulas in Unicode." }),
    abstract_html: z.string().meta({ description: "HTML, formulas in MathML." }),
    topics: z.array(z.string()).meta({ description: "Slugs of the paper's topics." }),
    primary_category: z.string().nullable().meta({ description: "arXiv category." }),
    categories: z.array(z.string()).meta({ description: "arXiv categories." }),
    published_at: instant("When the first version appeared."),
    updated_at: instant("When the latest version appeared, where that is known.").nullable(),
    version: z.int().min(1).meta({ description: "The latest version that is known." }),
    featured_at: instant("When the paper was featured here; null when it is only indexed.").nullable(),
    featured_on: day("The UTC day of featuring.").nullable(),
    votes: count("Votes of readers here."),
    hot: z.number().nullable().meta({
      description: "Score by which lists are trending: the logarithm of votes that halve every 48 hours.",
    }),
    external_upvotes: count("Votes on the Hugging Face page, never part of a ranking here.").nullable(),
    code_url: address("The authors' code.").nullable(),
    project_url: address("The authors' page of the work.").nullable(),
    arxiv_url: address("The abstract at arXiv."),
    pdf_url: address("The PDF at arXiv."),
    comment: z.string().nullable().meta({ description: "The authors' comment." }),
    journal_ref: z.string().nullable(),
    doi: z.string().nullable().meta({ description: "The publisher's DOI." }),
    withdrawn: z.boolean(),
    runnable: z
      .object({
        slug: z.string().meta({ description: "Its name for `gradus run`." }),
        claims: claimCountsSchema,
      })
      .nullable()
      .meta({ description: "Null when the paper's experiments do not run here." }),
  })
  .meta({ description: "A paper." });

const nextCursor = z.string().nullable().meta({ description: "Where the list goes on; null at its end." });

export const papersSchema = z
  .object({
    papers: z.array(paperSchema),
    total: count("Papers of the whole list."),
    next_cursor: nextCursor,
  })
  .meta({ description: "A part of a list of papers." });

export const searchResultsSchema = z
  .object({
    query: z.string().meta({ description: "The query as it was searched for." }),
    papers: z.array(paperSchema),
    total: count("Papers found; at most 100 of each way of searching are looked at."),
    next_cursor: nextCursor,
    identifier: z.string().nullable().meta({ description: "The arXiv identifier that the whole query is." }),
    suggestions: z
      .array(z.string())
      .meta({ description: "When nothing was found: words that are spelled alike." }),
  })
  .meta({ description: "What a search found." });

export const relatedSchema = z
  .object({
    related: z.array(
      z.object({
        cosine: z
          .number()
          .min(-1)
          .max(1)
          .meta({ description: "Cosine of the angle between the papers' vectors." }),
        paper: paperSchema,
      }),
    ),
  })
  .meta({ description: "The nearest papers by what they are about, nearest first." });

export const measurementSchema = z
  .object({
    experiment: z.string(),
    profile: z.enum(["quick", "full"]),
    seed: z.int(),
    held: z.boolean(),
    checks: z.array(
      z.object({
        label: z.string().meta({ description: "What was measured." }),
        measured: z.number().nullable().meta({ description: "Null when it was not a finite number." }),
        needs: z.string().meta({ description: "The pass condition.", examples: ["≤ 0.5"] }),
        held: z.boolean(),
      }),
    ),
    environment: z.object({ runtime: z.string(), platform: z.string(), cores: z.number() }),
    version: z.string().meta({ description: "The version of gradus that measured." }),
    measured_at: instant("When it was measured."),
  })
  .meta({ description: "The latest official measurement of a claim by an experiment." });

export const claimsSchema = z
  .object({
    claims: z.array(
      z.object({
        code: z.string().meta({ examples: ["C1"] }),
        statement: z.string().meta({ description: "In gradus' words." }),
        short: z.string(),
        paper_value: z.string().meta({ description: "What the paper reports." }),
        verdict: verdictSchema,
        measurements: z.array(measurementSchema),
      }),
    ),
  })
  .meta({
    description: "The claims of a paper and their official measurements; none when it does not run here.",
  });

export const topicsSchema = z
  .object({
    topics: z.array(
      z.object({
        slug: z.string(),
        label: z.string(),
        query: z.string().meta({ description: "A topic is a saved search: this is its query." }),
        papers: count("Featured papers of the topic."),
      }),
    ),
  })
  .meta({ description: "The topics, in the order in which they are offered." });

export const daysSchema = z
  .object({
    days: z.array(
      z.object({
        date: day("A UTC day with papers."),
        papers: z.int().min(1),
        runnable: count("Papers of the day whose experiments run here."),
      }),
    ),
    next_cursor: nextCursor,
  })
  .meta({ description: "Days that have papers, the latest first." });

const value = z.union([z.number(), z.string(), z.boolean(), z.array(z.number()), z.array(z.string())]);

export const experimentsSchema = z
  .object({
    experiments: z.array(
      z.object({
        paper: z.string().meta({ description: "arXiv identifier." }),
        slug: z.string().meta({ description: "The paper's name for `gradus run`." }),
        id: z.string(),
        title: z.string(),
        description: z.string(),
        claims: z.array(z.string()).meta({ description: "Codes of the claims that it measures." }),
        seconds: z
          .object({ quick: z.number(), full: z.number() })
          .meta({ description: "About how long a run takes, by profile." }),
        parameters: z.array(
          z.object({
            name: z.string(),
            label: z.string(),
            quick: value.meta({ description: "Its value in the quick profile." }),
            full: value.meta({ description: "Its value in the full profile." }),
            minimum: z.number().optional(),
            maximum: z.number().optional(),
            options: z.array(z.string()).optional(),
          }),
        ),
        command: z.string().meta({ description: "Runs it on your machine." }),
      }),
    ),
  })
  .meta({ description: "The experiments that run here." });

export const statusSchema = z
  .object({
    now: instant("The site's clock when the state was looked at: within this minute."),
    version: z.string().meta({ description: "The version of gradus." }),
    papers: count("Papers that can be read here."),
    featured: count("Papers that were featured."),
    latest_day: day("The latest day with papers.").nullable(),
    runnable: count("Papers whose experiments run here."),
    claims: claimCountsSchema,
    ingestion: z
      .array(
        z.object({
          source: z.string(),
          ok_at: instant("When the source last gave papers.").nullable(),
          failing_since: instant("When it failed, where it did so since.").nullable(),
        }),
      )
      .meta({ description: "Sources of papers; none until ingestion is turned on." }),
    embedding: z
      .object({
        model: z.string(),
        dimension: z.int().min(1),
        papers: count("Papers that it was fitted to."),
        fitted_at: instant("When it was fitted."),
      })
      .nullable()
      .meta({ description: "What maps texts to vectors for the search." }),
  })
  .meta({ description: "The state of the site." });

export const problemSchema = z
  .object({
    error: z.object({
      code: z.enum([
        "invalid_address",
        "invalid_parameter",
        "query_too_long",
        "not_found",
        "cross_site",
        "method_not_allowed",
        "address_too_long",
        "too_many_requests",
        "internal",
        "unavailable",
        "overloaded",
      ]),
      message: z.string().meta({ description: "For people." }),
      field: z.string().optional().meta({ description: "The parameter that is wrong." }),
    }),
  })
  .meta({ description: "What went wrong." });

/** The schemas by the names under which they are published. */
export const componentSchemas = {
  Paper: paperSchema,
  Papers: papersSchema,
  Found: searchResultsSchema,
  Related: relatedSchema,
  Measurement: measurementSchema,
  Claims: claimsSchema,
  ClaimCounts: claimCountsSchema,
  Verdict: verdictSchema,
  Topics: topicsSchema,
  Days: daysSchema,
  Experiments: experimentsSchema,
  Status: statusSchema,
  Problem: problemSchema,
} as const;
