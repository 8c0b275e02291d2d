import {
  bigint,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, caselessText, createdAt } from "../types.ts";
import { papers } from "./papers.ts";
import { users } from "./users.ts";

/** Keywords of a subscription at most. */
export const MOST_KEYWORDS = 20;

/** Hours before its due time that the first digest of a subscription reaches back. */
export const FIRST_HOURS = { daily: 24, weekly: 168 } as const;

/** What a subscription sends, and when. */
export interface SubscriptionChoices {
  readonly cadence: "daily" | "weekly";
  /** 0 to 23, on the clocks of `tz`. */
  readonly hour: number;
  /** Of a weekly digest: 1 is Monday (ISO 8601). */
  readonly weekday: number | null;
  /** A zone of the IANA database. */
  readonly tz: string;
  /** Slugs. With neither topics nor keywords, everything is sent. */
  readonly topics: readonly string[];
  /** Queries in the syntax of the search. */
  readonly keywords: readonly string[];
  readonly minVotes: number;
  /** Papers in one message. */
  readonly maxItems: number;
}

/** When, from where and to which text somebody agreed. */
export interface Consent {
  /** ISO instant. */
  readonly at: string;
  /** The network that the request came from, shortened. */
  readonly network: string;
  readonly text: string;
}

const when = (name: string) => timestamp(name, { withTimezone: true });

export const subscriptions = pgTable(
  "subscriptions",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    email: caselessText("email").notNull(),
    emailHmac: bytes("email_hmac").notNull(),
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    status: text("status", { enum: ["pending", "active", "unsubscribed", "suppressed"] })
      .notNull()
      .default("pending"),
    cadence: text("cadence", { enum: ["daily", "weekly"] }).notNull(),
    hour: smallint("hour").notNull(),
    weekday: smallint("weekday"),
    tz: text("tz").notNull(),
    topics: text("topics").array().notNull().default([]),
    keywords: text("keywords").array().notNull().default([]),
    minVotes: integer("min_votes").notNull().default(0),
    maxItems: integer("max_items").notNull().default(20),
    /** The address of the site where it was made, for links. */
    origin: text("origin").notNull(),
    nextDueAt: when("next_due_at"),
    lastCutoff: when("last_cutoff"),
    confirmedAt: when("confirmed_at"),
    consent: jsonb("consent").$type<Consent>(),
    endedAt: when("ended_at"),
    createdAt: createdAt(),
  },
  (table) => [index("subscriptions_user").on(table.userId)],
);

/** What was asked for and is not looked at yet. */
export const subscriptionRequests = pgTable("subscription_requests", {
  id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  email: caselessText("email").notNull(),
  choices: jsonb("choices").$type<SubscriptionChoices>().notNull(),
  consent: jsonb("consent").$type<Consent>().notNull(),
  origin: text("origin").notNull(),
  createdAt: createdAt(),
});

/** Links that confirm a subscription, once, with the choices that they were asked for with. */
export const subscriptionTokens = pgTable(
  "subscription_tokens",
  {
    tokenHash: bytes("token_hash").primaryKey(),
    subscriptionId: uuid("subscription_id")
      .notNull()
      .references(() => subscriptions.id, { onDelete: "cascade" }),
    purpose: text("purpose", { enum: ["confirm"] }).notNull(),
    choices: jsonb("choices").$type<SubscriptionChoices>().notNull(),
    consent: jsonb("consent").$type<Consent>().notNull(),
    expiresAt: when("expires_at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("subscription_tokens_subscription").on(table.subscriptionId)],
);

/** The digests of a subscription: one a local day, or one an ISO week. */
export const digestRuns = pgTable(
  "digest_runs",
  {
    subscriptionId: uuid("subscription_id")
      .notNull()
      .references(() => subscriptions.id, { onDelete: "cascade" }),
    periodKey: text("period_key").notNull(),
    since: when("since").notNull(),
    cutoff: when("cutoff").notNull(),
    state: text("state", { enum: ["queued", "sent", "empty", "failed", "dropped"] }).notNull(),
    matched: integer("matched").notNull(),
    messageId: text("message_id"),
    sentAt: when("sent_at"),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.subscriptionId, table.periodKey] }),
    index("digest_runs_cutoff").on(table.cutoff),
  ],
);

/** The papers that a subscription was sent: each once. */
export const digestItems = pgTable(
  "digest_items",
  {
    subscriptionId: uuid("subscription_id")
      .notNull()
      .references(() => subscriptions.id, { onDelete: "cascade" }),
    paperId: bigint("paper_id", { mode: "number" })
      .notNull()
      .references(() => papers.id, { onDelete: "cascade" }),
    periodKey: text("period_key").notNull(),
    place: smallint("place").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.subscriptionId, table.paperId] }),
    index("digest_items_run").on(table.subscriptionId, table.periodKey),
    index("digest_items_paper").on(table.paperId),
  ],
);
