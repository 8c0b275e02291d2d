export * from "./backup-folder.ts";
export * from "./dump.ts";
export * from "./export.ts";
export { PostgresToolError } from "./postgres-tools.ts";
export * from "./restore.ts";
export * from "./restore-error.ts";
export * from "./retention.ts";
