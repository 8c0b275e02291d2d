export * from "./backup/index.ts";
export { DatabaseMissingError, type EmbeddedPostgres, openFolder } from "./embedded.ts";
export * from "./lock.ts";
export { FolderNotWritableError } from "./make-folder.ts";
export * from "./migration-plan.ts";
export * from "./open.ts";
export type { QueueClient } from "./queue-connection.ts";
export * from "./reachable.ts";
export * from "./statements.ts";
