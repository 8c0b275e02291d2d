// The tables. They are made by the migrations of `@gradus/database`.
export * from "./claims.ts";
export * from "./content-versions.ts";
export * from "./ingestion.ts";
export * from "./mail.ts";
export * from "./moderation.ts";
export * from "./papers.ts";
export * from "./reading.ts";
export * from "./reports.ts";
export * from "./search.ts";
export * from "./submissions.ts";
export * from "./subscriptions.ts";
export * from "./users.ts";
export * from "./votes.ts";
