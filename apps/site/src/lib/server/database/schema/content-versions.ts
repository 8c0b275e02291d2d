import { bigint, integer, pgTable } from "drizzle-orm/pg-core";
import { createdAt } from "../types.ts";

/** How many transactions of each connection changed what pages show; triggers count them. */
export const contentVersions = pgTable("content_versions", {
  writer: integer("writer").primaryKey(),
  changes: bigint("changes", { mode: "number" }).notNull(),
  createdAt: createdAt(),
});
