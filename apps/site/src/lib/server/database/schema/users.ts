import { sql } from "drizzle-orm";
import { index, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { bytes, caselessText, createdAt } from "../types.ts";

/** What an access token may be used for. */
export const tokenScopes = ["votes", "submissions", "reports", "subscriptions", "operator"] as const;
export type TokenScope = (typeof tokenScopes)[number];

/** Accounts: one for each address that signed in. */
export const users = pgTable("users", {
  id: uuid("id").primaryKey().defaultRandom(),
  email: caselessText("email").notNull().unique(),
  /** Of the address without what its domain ignores: one person, one account. */
  emailCanonicalHmac: bytes("email_canonical_hmac").notNull().unique(),
  name: text("name"),
  role: text("role", { enum: ["reader", "moderator", "administrator"] })
    .notNull()
    .default("reader"),
  confirmedAt: timestamp("confirmed_at", { withTimezone: true }),
  suspendedAt: timestamp("suspended_at", { withTimezone: true }),
  createdAt: createdAt(),
});

/** Links that sign somebody in, once. */
export const loginTokens = pgTable(
  "login_tokens",
  {
    tokenHash: bytes("token_hash").primaryKey(),
    email: caselessText("email").notNull(),
    returnTo: text("return_to").notNull(),
    /** The paper that they wanted to vote for. */
    voteFor: text("vote_for"),
    /** The account that gets the address; null for a link that signs in. */
    changes: uuid("changes").references(() => users.id, { onDelete: "cascade" }),
    expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index("login_tokens_email").on(table.email),
    index("login_tokens_changes").on(table.changes).where(sql`changes is not null`),
  ],
);

/** Browsers that are signed in. */
export const sessions = pgTable(
  "sessions",
  {
    tokenHash: bytes("token_hash").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    lastSeenAt: timestamp("last_seen_at", { withTimezone: true }).notNull(),
    expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
    agentClass: text("agent_class").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("sessions_user").on(table.userId)],
);

/** What readers' programs show who they are with. */
export const apiTokens = pgTable(
  "api_tokens",
  {
    tokenHash: bytes("token_hash").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** What its owner calls it. */
    name: text("name").notNull(),
    /** What it may be used for. */
    scopes: text("scopes").array().$type<readonly TokenScope[]>().notNull(),
    lastUsedAt: timestamp("last_used_at", { withTimezone: true }),
    createdAt: createdAt(),
  },
  (table) => [index("api_tokens_user").on(table.userId, table.createdAt)],
);
