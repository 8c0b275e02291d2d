/** `npm run bench -- --bundles`: bundles the programs of this folder, prints their sizes and writes BUNDLES.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { version as vite } from "vite";
import type { Script } from "./bundle.ts";
import { type BundleCase, bundleCase, bundleCases, fetchedScripts } from "./cases.ts";
import { bundleReport } from "./report.ts";

parseArgs({ options: { bundles: { type: "boolean" } } });

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(new URL(`../../packages/${name}/package.json`, import.meta.url), "utf8")).version;

const fetched = new Map<BundleCase, readonly Script[]>();
for (const one of bundleCases) fetched.set(one, fetchedScripts(one, await bundleCase(one)));
const text = bundleReport(fetched, {
  date: new Date().toISOString().slice(0, 10),
  versions: [`gradus ${versionOf("gradus")}`, `Vite ${vite}`],
});
console.log(text);
writeFileSync(new URL("../BUNDLES.md", import.meta.url), text);
