// Measures claims for the site; `--help` says how.
import { join, relative } from "node:path";
import { startCommand } from "../../apps/cli/src/start.ts";
import { root } from "../workspace.mjs";
import { measure } from "./measure.ts";

await startCommand(
  new URL(import.meta.resolve("@gradus/papers")),
  (host) => measure(host, process.argv.slice(2), join(root, "apps", "site", "measurements")),
  // Its checkpoints lie apart from those of gradus, which would not keep for the site what it resumes.
  { home: relative("", join(root, ".gradus", "measure")), invocation: "npm run measure --" },
);
