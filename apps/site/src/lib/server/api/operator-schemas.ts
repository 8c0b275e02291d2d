import { z } from "@hono/zod-openapi";
import { address, count, day, instant } from "./schemas.ts";

const id = (what: string) => z.string().meta({ description: `Names the ${what} in decisions.` });
const masked = "Masked, such as `a•••@e•••.org`; null where the address is not stored.";

export const operatorOverviewSchema = z
  .object({
    attention: z.array(
      z.object({
        text: z.string().meta({ description: "Such as `3 open flags to review`." }),
        url: address("The page on which something can be done about it."),
      }),
    ),
  })
  .openapi("OperatorOverview")
  .meta({ description: "What waits for the operator." });

export const arrivalsSchema = z
  .object({
    days: z
      .array(z.object({ day: day("A UTC day."), arrived: count("Papers."), featured: count("Of these.") }))
      .meta({ description: "The latest days on which papers arrived." }),
    day: day("The day of the papers."),
    page: z.int().min(1),
    pages: z.int().min(1),
    total: count("Papers that arrived on the day."),
    featured: count("Of these, those that are featured."),
    papers: z.array(
      z.object({
        id: id("paper").meta({ description: "arXiv identifier, which names the paper in decisions." }),
        url: address("The paper's page here."),
        title: z.string(),
        authors: z.array(z.string()),
        published_at: instant("When the first version appeared."),
        categories: z.array(z.string()).meta({ description: "arXiv categories." }),
        topics: z.array(z.string()).meta({ description: "Labels of topics." }),
        state: z.enum(["waiting", "featured", "hidden"]),
        featured_at: instant("When it was featured.").nullable(),
        refusal: z.string().nullable().meta({ description: "Why it cannot be featured." }),
        suggested: z.boolean().meta({ description: "Whether it is one of the ten that are suggested." }),
        near: z
          .array(z.object({ id: z.string(), title: z.string(), cosine: z.number(), votes: count("Votes.") }))
          .meta({ description: "The closest papers of the lists, by the embeddings that search uses." }),
        duplicates: z.array(z.string()).meta({ description: "Papers that look like the same work." }),
        note: z.string().nullable().meta({ description: "What its submitter wrote to moderators." }),
        external_upvotes: count("Upvotes on Hugging Face, where its daily list has the paper.").nullable(),
      }),
    ),
  })
  .openapi("Arrivals")
  .meta({ description: "Papers that arrived or were submitted on a day, the suggested ones first." });

export const flagsSchema = z
  .object({
    flags: z.array(
      z.object({
        id: id("flag"),
        kind: z.string(),
        subject: z.string(),
        summary: z.string(),
        url: address("Where it can be looked at.").nullable(),
        raised_at: instant("When it was raised."),
      }),
    ),
  })
  .openapi("Flags")
  .meta({ description: "Open flags, the latest first." });

const moderationState = z.enum(["pending", "published", "hidden"]);

export const moderatedReportsSchema = z
  .object({
    reports: z.array(
      z.object({
        id: id("report"),
        paper: z.string().meta({ description: "arXiv identifier of the paper." }),
        title: z.string().meta({ description: "The paper's." }),
        experiment: z.string(),
        profile: z.enum(["quick", "full"]),
        seed: z.int(),
        runtime: z.string(),
        platform: z.string(),
        checks: count("Checks of the report's experiment."),
        held: count("Checks that held."),
        state: moderationState.exclude(["pending"]),
        note: z.string().nullable().meta({ description: "The sender's text." }),
        note_state: moderationState.nullable(),
        sent_at: instant("When it was sent."),
      }),
    ),
  })
  .openapi("ModeratedReports")
  .meta({ description: "The latest reports, those whose text waits first." });

export const accountsSchema = z
  .object({
    accounts: z.array(
      z.object({
        id: id("account"),
        email: z.string(),
        name: z.string().nullable(),
        role: z.enum(["reader", "moderator", "administrator"]),
        votes: count("Votes."),
        created_at: instant("When it was created."),
        suspended_at: instant("When it was suspended.").nullable(),
        may_suspend: z.boolean().meta({ description: "Whether you may suspend it." }),
      }),
    ),
  })
  .openapi("Accounts")
  .meta({ description: "Accounts, the newest first." });

export const siteMailSchema = z
  .object({
    folder: z.boolean().meta({ description: "Whether messages go to a folder, for lack of a mail server." }),
    waiting: count("Messages that wait."),
    sent_today: count("Messages sent since midnight UTC."),
    undelivered: z
      .array(
        z.object({
          id: id("message"),
          kind: z.string(),
          address: z.string().meta({ description: "Masked." }),
          reason: z.string(),
          attempts: count("How often it was tried."),
          next_at: instant("When it is tried again.").nullable(),
          ended_at: instant("When it was given up.").nullable(),
          may_retry: z.boolean(),
        }),
      )
      .meta({ description: "Messages that were not delivered, or not yet." }),
    digests: z
      .object({
        sent: count("Sent."),
        queued: count("Waiting."),
        empty: count("Without new papers."),
        failed: count("Failed."),
        dropped: count("Dropped for the next."),
      })
      .meta({ description: "Digests due in the last 24 hours." }),
    digests_run_at: instant("When digests were last made.").nullable(),
    suppressed_count: count("Addresses that get no mail."),
    suppressed: z
      .array(
        z.object({
          id: id("address"),
          address: z.string().nullable().meta({ description: masked }),
          reason: z.enum(["bounce", "complaint"]),
          at: instant("Since when."),
        }),
      )
      .meta({ description: "The latest of them." }),
    bounces: z
      .array(
        z.object({
          address: z.string().nullable().meta({ description: masked }),
          kind: z.enum(["permanent", "transient", "complaint"]),
          reason: z.string(),
          at: instant("When it came."),
        }),
      )
      .meta({ description: "Recent bounces and complaints." }),
  })
  .openapi("SiteMail")
  .meta({ description: "What became of the site's mail." });

export const siteJobsSchema = z
  .object({
    jobs: z.array(
      z.object({
        id: id("job"),
        label: z.string(),
        failing: z.boolean().meta({ description: "Whether the last run failed." }),
        succeeded_at: instant("When a run last succeeded.").nullable(),
        failed_at: instant("When a run last failed.").nullable(),
        next_at: instant("When a run that failed is tried again, while it waits for that.").nullable(),
        running: z.boolean().meta({ description: "Whether a run is under way." }),
        waiting_seconds: count("For how long a run has been due."),
      }),
    ),
    outage: z
      .object({
        failed_at: instant("When arXiv last did not answer."),
        reason: z.string(),
        next_at: instant("When it is asked again."),
      })
      .nullable()
      .meta({ description: "Why requests to arXiv wait; null while it answers." }),
    failures: z
      .array(
        z.object({
          job: z.string(),
          label: z.string(),
          at: instant("When it failed."),
          attempts: count("How often it was tried."),
          will_retry: z.boolean(),
          next_at: instant("When it is tried again.").nullable(),
          reason: z.string(),
        }),
      )
      .meta({ description: "Runs that failed in the last 14 days." }),
  })
  .openapi("SiteJobs")
  .meta({ description: "The site's jobs, and the latest runs that failed." });

export const decidedSchema = z
  .object({ message: z.string() })
  .openapi("Decided")
  .meta({ description: "What was done." });
