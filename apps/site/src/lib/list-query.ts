import { type FeedFile, feedFilesOf } from "./feed-files.ts";
import type { ListView } from "./views.ts";

/** What a list is narrowed to. */
type Narrowing = Pick<ListView, "sort" | "usualSort" | "topics" | "runnableOnly" | "minVotes">;

/** What of a list's parameters is changed. */
export interface Change {
  readonly page?: number;
  readonly runnable?: boolean;
  readonly without?: "votes" | { readonly topic: string };
}

function filters(feed: Narrowing, { runnable = feed.runnableOnly, without }: Change): URLSearchParams {
  const parameters = new URLSearchParams();
  const dropped = typeof without === "object" ? without.topic : undefined;
  for (const { slug, chosen } of feed.topics)
    if (chosen && slug !== dropped) parameters.append("topic", slug);
  if (runnable) parameters.set("runnable", "1");
  if (feed.minVotes > 0 && without !== "votes") parameters.set("min_votes", String(feed.minVotes));
  return parameters;
}

/** The parameters of a list, some of them changed, as the end of an address; what is usual is left out. */
export function listQuery(feed: Narrowing, change: Change = {}): string {
  const parameters = filters(feed, change);
  if (feed.sort !== feed.usualSort) parameters.set("sort", feed.sort);
  if (change.page) parameters.set("p", String(change.page));
  const text = parameters.toString();
  return text && `?${text}`;
}

/** The feeds that a reader can subscribe to a list by. */
export function feedFiles(feed: Narrowing & Pick<ListView, "kind">): FeedFile[] {
  return feedFilesOf(new URLSearchParams([["view", feed.kind], ...filters(feed, {})]));
}

/** Where a reader subscribes to a list by mail. */
export function listMail(feed: Narrowing): string {
  const parameters = filters(feed, { runnable: false });
  const text = parameters.toString();
  return `/subscribe${text && `?${text}`}`;
}
