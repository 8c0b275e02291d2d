import { bigint, index, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { caselessText, createdAt } from "../types.ts";

/** What a message is composed from when its turn comes. */
export interface SignInDetails {
  /** The address of the site, for links. */
  readonly origin: string;
  /** Where the reader was. */
  readonly returnTo: string;
  /** The paper that they wanted to vote for, by its arXiv identifier. */
  readonly voteFor?: string;
}

/** Messages that wait to be sent, or were. */
export const mailOutbox = pgTable(
  "mail_outbox",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    recipient: caselessText("recipient").notNull(),
    kind: text("kind", { enum: ["sign-in"] }).notNull(),
    details: jsonb("details").$type<SignInDetails>().notNull(),
    state: text("state", { enum: ["waiting", "handed over", "sent", "failed", "expired", "unknown"] })
      .notNull()
      .default("waiting"),
    attempts: integer("attempts").notNull().default(0),
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
