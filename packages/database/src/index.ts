export { type EmbeddedPostgres, openFolder } from "./embedded.ts";
export * from "./lock.ts";
export * from "./open.ts";
