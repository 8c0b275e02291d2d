/** A feed that a reader can subscribe by. */
export interface FeedFile {
  readonly type: string;
  readonly href: string;
  readonly name: string;
}

const FORMATS = [
  ["application/atom+xml", "Atom", "/feed.atom"],
  ["application/rss+xml", "RSS", "/feed.rss"],
  ["application/feed+json", "JSON Feed", "/feed.json"],
] as const;

/** The feeds of a list or a search by its parameters. */
export function feedFilesOf(parameters: URLSearchParams): FeedFile[] {
  return FORMATS.map(([type, name, path]) => ({ type, name, href: `${path}?${parameters}` }));
}
