import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const source = fileURLToPath(new URL(".", import.meta.url));
const read = (file: string) => readFileSync(`${source}/${file}`, "utf8");

/** The selectors of a sheet, those in media queries too, without comments and declarations. */
function selectors(css: string): string[] {
  const rules = css.replace(/\/\*.*?\*\//gs, "").matchAll(/([^{};]+)\{/g);
  return Array.from(rules, ([, list]) => list.trim())
    .filter((list) => !list.startsWith("@"))
    .flatMap((list) => list.split(",").map((one) => one.trim()));
}

/** Classes that a sheet styles wherever they are. */
const anywhere = (css: string) =>
  new Set(selectors(css).flatMap((selector) => /^[a-z]*\.([\w-]+)$/.exec(selector)?.[1] ?? []));
const named = (css: string) =>
  new Set(selectors(css).flatMap((s) => Array.from(s.matchAll(/\.([a-z][\w-]*)/g), ([, name]) => name)));

/** Sheets that some pages import: they stay when a reader goes on to a page that does not. */
const sheets = globSync("lib/**/*.css", { cwd: source }).map((file) => ({
  name: basename(file),
  classes: anywhere(read(file)),
}));
const components = globSync("{lib,routes}/**/*.svelte", { cwd: source });

test("sheets and components are found", () => {
  expect(sheets.find(({ name }) => name === "forms.css")?.classes).toContain("action");
  expect(components.length).toBeGreaterThan(50);
});

test.each(components)("%s has no class of its own that a sheet of other pages styles too", (file) => {
  const text = read(file);
  const own = named(/<style[^>]*>(.*)<\/style>/s.exec(text)?.[1] ?? "");
  for (const { name, classes } of sheets)
    if (!text.includes(`${name}"`))
      expect(
        [...own].filter((one) => classes.has(one)),
        name,
      ).toEqual([]);
});
