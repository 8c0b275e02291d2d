import { pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { bytes, caselessText, createdAt } from "../types.ts";

/** Accounts. Nobody can make one yet; votes refer to them. */
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
