import { bigint, index, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { bytes, caselessText, createdAt } from "../types.ts";
import type { Consent, SubscriptionChoices } from "./subscriptions.ts";

/** What a message is composed from when its turn comes. */
export interface MailDetails {
  "sign-in": {
    /** The address of the site, for links. */
    readonly origin: string;
    /** Where the reader was. */
    readonly returnTo: string;
    /** The paper that they wanted to vote for, by its arXiv identifier. */
    readonly voteFor?: string;
    /** The account that is to have this address, by its id. */
    readonly changes?: string;
  };
  /** Tells the old address of an account that it has another now. */
  "address-changed": {
    readonly origin: string;
  };
  confirm: {
    readonly subscription: string;
    readonly choices: SubscriptionChoices;
    readonly consent: Consent;
    readonly origin: string;
  };
  digest: {
    readonly subscription: string;
    /** The key of the period. */
    readonly period: string;
    /** By what its papers were chosen, whatever its reader has chosen since; missing of earlier versions. */
    readonly choices?: SubscriptionChoices;
  };
}

/** What messages there are. */
export type MailKind = keyof MailDetails;

/** Messages that wait to be sent, or were. */
export const mailOutbox = pgTable(
  "mail_outbox",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    recipient: caselessText("recipient").notNull(),
    kind: text("kind", { enum: ["sign-in", "address-changed", "confirm", "digest"] }).notNull(),
    details: jsonb("details").$type<MailDetails[MailKind]>().notNull(),
    state: text("state", { enum: ["waiting", "handed over", "sent", "failed", "expired", "unknown"] })
      .notNull()
      .default("waiting"),
    attempts: integer("attempts").notNull().default(0),
    /** Why the last attempt failed: an enhanced status code, the code of a reply, or how a message fared without one. */
    refusal: text("refusal"),
    nextAt: timestamp("next_at", { withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
    endedAt: timestamp("ended_at", { withTimezone: true }),
    createdAt: createdAt(),
  },
  (table) => [
    index("mail_outbox_recipient").on(table.recipient, table.createdAt),
    index("mail_outbox_created").on(table.createdAt),
  ],
);

/** To whom messages went, for as long as they may come back. */
export const mailReturns = pgTable(
  "mail_returns",
  {
    /** Of the message in the outbox, which is forgotten sooner. */
    mailId: bigint("mail_id", { mode: "number" }).primaryKey(),
    emailHmac: bytes("email_hmac").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("mail_returns_created").on(table.createdAt)],
);

/** Later reports about messages: bounces and complaints. */
export const mailEvents = pgTable(
  "mail_events",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    emailHmac: bytes("email_hmac").notNull(),
    kind: text("kind", { enum: ["permanent", "transient", "complaint"] }).notNull(),
    /** An enhanced status code (RFC 3463), where one was given. */
    status: text("status"),
    /** Of the report, so that one that comes twice counts once. */
    reportId: text("report_id").unique(),
    at: timestamp("at", { withTimezone: true }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("mail_events_address").on(table.emailHmac, table.at)],
);

/** Addresses that get no mail. */
export const suppressions = pgTable("suppressions", {
  emailHmac: bytes("email_hmac").primaryKey(),
  reason: text("reason", { enum: ["bounce", "complaint"] }).notNull(),
  at: timestamp("at", { withTimezone: true }).notNull(),
  createdAt: createdAt(),
});
