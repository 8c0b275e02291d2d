// The command line opens the same folder: one lock for both.
export * from "@gradus/database/lock";
