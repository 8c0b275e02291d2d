export * from "./lock.ts";
