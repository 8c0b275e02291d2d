import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SchemaStep } from "@gradus/database";

const folder = new URL("../../../site/src/lib/server/database/migrations/", import.meta.url);

/** The steps of the site's schema, in order. */
export function migrationSteps(): SchemaStep[] {
  return readdirSync(fileURLToPath(folder))
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({
      version: name.slice(0, -".sql".length),
      text: readFileSync(new URL(name, folder), "utf8"),
    }));
}
