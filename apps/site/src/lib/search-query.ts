import { type FeedFile, feedFilesOf } from "./feed-files.ts";
import type { SearchView } from "./views.ts";

/** What a search is narrowed to. */
type Narrowing = Pick<SearchView, "text" | "sort" | "topics" | "runnableOnly" | "from" | "to">;

/** What of a search's parameters is changed. */
export interface SearchChange {
  readonly page?: number;
  readonly runnable?: boolean;
  readonly without?: "days" | { readonly topic: string };
}

function parametersOf(search: Narrowing, { runnable = search.runnableOnly, without }: SearchChange) {
  const parameters = new URLSearchParams({ q: search.text });
  const dropped = typeof without === "object" ? without.topic : undefined;
  for (const { slug, chosen } of search.topics)
    if (chosen && slug !== dropped) parameters.append("topic", slug);
  if (runnable) parameters.set("runnable", "1");
  return parameters;
}

/** The address of a search, with some of its parameters changed; what is usual is left out. */
export function searchPath(search: Narrowing, change: SearchChange = {}): string {
  const parameters = parametersOf(search, change);
  if (search.from && change.without !== "days") parameters.set("from", search.from);
  if (search.to && change.without !== "days") parameters.set("to", search.to);
  if (search.sort !== "relevance") parameters.set("sort", search.sort);
  if (change.page) parameters.set("p", String(change.page));
  return `/papers?${parameters}`;
}

/** The feeds that a reader can subscribe to a search by: new papers come in, so days do not narrow them. */
export function searchFiles(search: Narrowing): FeedFile[] {
  return feedFilesOf(parametersOf(search, {}));
}

/** Where a reader subscribes to a search by mail: to papers that match its words. */
export function searchMail({ text }: Pick<SearchView, "text">): string {
  return `/subscribe?${new URLSearchParams({ keyword: text })}`;
}
