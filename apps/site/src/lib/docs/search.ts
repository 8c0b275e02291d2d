/** Something that can be looked up: a symbol, or a guide. */
export interface Entry {
  readonly name: string;
  /** `function`, `class`, `interface`, `type`, `constant` or `guide`. */
  readonly kind: string;
  /** What its page is called. */
  readonly page: string;
  readonly sentence: string;
  readonly href: string;
}

/** Parts of a name at which a reader may begin: `conjugateGradient` also at `Gradient`, `a.b` also at `b`. */
function starts(name: string): string[] {
  const found: string[] = [];
  for (const match of name.matchAll(/(?<=[a-z0-9])[A-Z]|(?<=[.\s-])\S/g)) found.push(name.slice(match.index));
  return found.map((part) => part.toLowerCase());
}

/** Names are words without spaces: "conjugate gradient" is how a reader writes `conjugateGradient`. */
const joined = (text: string) => text.replace(/[\s-]+/g, "");

/** How far a name is from what was typed: 0 is the name itself; undefined is none of it. */
function distance({ name, page, sentence }: Entry, query: string): number | undefined {
  const lower = joined(name.toLowerCase());
  const typed = joined(query);
  if (lower === typed) return 0;
  if (lower.startsWith(typed)) return 1;
  if (starts(name).some((part) => joined(part).startsWith(typed))) return 2;
  if (lower.includes(typed)) return 3;
  const text = `${name} ${page} ${sentence}`.toLowerCase();
  return query.split(/\s+/).every((word) => text.includes(word)) ? 4 : undefined;
}

/** What a program has no value of: most readers look for what they can call. */
const TYPES: ReadonlySet<string> = new Set(["interface", "type"]);
const isType = ({ kind }: Entry) => Number(TYPES.has(kind));

/**
 * The entries that answer a query, nearest names first, types after all others as near; those whose words only stand in
 * their sentence last.
 */
export function search(entries: readonly Entry[], query: string): Entry[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return [];
  return entries
    .flatMap((entry) => {
      const far = distance(entry, wanted);
      return far === undefined ? [] : [{ entry, far }];
    })
    .sort(
      (a, b) =>
        a.far - b.far ||
        isType(a.entry) - isType(b.entry) ||
        a.entry.name.length - b.entry.name.length ||
        (a.entry.name < b.entry.name ? -1 : Number(a.entry.name > b.entry.name)),
    )
    .map(({ entry }) => entry);
}
