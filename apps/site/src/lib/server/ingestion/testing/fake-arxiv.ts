// A server that speaks as arXiv does, for tests: its papers, its answers in XML, and its moods.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A paper of the fake archive. */
export interface FakePaper {
  readonly id: string;
  readonly title: string;
  readonly category: string;
  /** When its versions came. */
  readonly versions: readonly Date[];
  /** From when on it is listed. */
  readonly announced: Date;
  readonly comment?: string;
}

/** How a request is answered: as it should be, or in one of the ways in which arXiv fails. */
export type Mood =
  | "well"
  | "empty"
  | "short"
  | "cut"
  | "stalled"
  | "html"
  | "error entry"
  | "doctype"
  | "long"
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

export interface FakeArxiv {
  readonly queryUrl: URL;
  readonly oaiUrl: URL;
  /** The instants of all requests by the test's clock, and their fields. */
  readonly requests: readonly { readonly at: Date; readonly path: string; readonly userAgent: string }[];
  /** The most requests that were there at once. */
  readonly most: () => number;
  close(): Promise<void>;
}

export interface FakeSettings {
  papers(): readonly FakePaper[];
  now(): Date;
  /** How the request of this number is answered, from 0. */
  mood?(request: number): Mood;
  /** Results of a page of OAI-PMH. */
  readonly oaiPage?: number;
}

const escaped = (text: string) => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
const instant = (date: Date) => date.toISOString().replace(/\.\d+Z$/, "Z");

/** The versions of a paper that the archive shows at an instant. */
const shownVersions = ({ versions }: FakePaper, now: Date) => versions.filter((at) => at <= now);

function entry(paper: FakePaper, now: Date): string {
  const versions = shownVersions(paper, now);
  const { length: version } = versions;
  return `<entry><id>http://arxiv.org/abs/${paper.id}v${version}</id><title>${escaped(paper.title)}</title>
<updated>${instant(versions[version - 1])}</updated><published>${instant(versions[0])}</published>
<summary>  Version ${version} of ${escaped(paper.title)}: steps of size
$\\eta$ on losses.
</summary>${paper.comment ? `<arxiv:comment>${escaped(paper.comment)}</arxiv:comment>` : ""}
<link href="https://arxiv.org/abs/${paper.id}v${version}" rel="alternate" type="text/html"/>
<arxiv:primary_category term="${paper.category}"/><category term="${paper.category}"/>
<author><name>Ada Number${paper.id.slice(-2)}</name></author><author><name>Second Author</name></author></entry>`;
}

function feed(total: number, entries: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">
<opensearch:totalResults>${total}</opensearch:totalResults>${entries.join("\n")}</feed>`;
}

/** The instant that `YYYYMMDDHHMM` names. */
function minute(text: string): number {
  const [, y, mo, d, h, mi] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text) ?? [];
  return Date.parse(`${y}-${mo}-${d}T${h}:${mi}:00Z`);
}

function query(parameters: URLSearchParams, { papers, now }: FakeSettings, mood: Mood): string {
  const shown = papers().filter(({ announced }) => announced <= now());
  const ids = parameters.get("id_list")?.split(",");
  const window = /submittedDate:\[(\d+) TO (\d+)\]/.exec(parameters.get("search_query") ?? "");
  const found = ids
    ? shown.filter(({ id }) => ids.includes(id))
    : shown
        .filter(({ category }) => parameters.get("search_query")?.includes(`cat:${category}`))
        .filter(({ versions: [at] }) => +at >= minute(window?.[1] ?? "") && +at <= minute(window?.[2] ?? ""))
        .sort((a, b) => +a.versions[0] - +b.versions[0] || (a.id < b.id ? -1 : 1));
  const start = Number(parameters.get("start") ?? 0);
  const page = found.slice(start, start + Number(parameters.get("max_results")));
  const entries = page.map((paper) => entry(paper, now()));
  if (mood === "empty") return feed(0, []);
  return feed(found.length, mood === "short" ? entries.slice(0, -1) : entries);
}

function oai(parameters: URLSearchParams, { papers, now, oaiPage = 500 }: FakeSettings): string {
  const [set, from, skip] = (
    parameters.get("resumptionToken") ?? `${parameters.get("set")}|${parameters.get("from")}|0`
  ).split("|");
  const changed = ({ announced, versions }: FakePaper) =>
    [announced, ...versions.slice(1)].some((at) => at <= now() && instant(at).slice(0, 10) >= from);
  const found = papers().filter(
    (paper) => paper.announced <= now() && set.endsWith(paper.category.replace(".", ":")) && changed(paper),
  );
  const page = found.slice(Number(skip), Number(skip) + oaiPage);
  const next = Number(skip) + page.length;
  const records = page.map((paper) => {
    const versions = shownVersions(paper, now()).map(
      (at, i) => `<version version="v${i + 1}"><date>${at.toUTCString()}</date></version>`,
    );
    return `<record><header><identifier>oai:arXiv.org:${paper.id}</identifier></header><metadata><arXivRaw>${versions.join("")}<categories>${paper.category}</categories>${paper.comment ? `<comments>${escaped(paper.comment)}</comments>` : ""}</arXivRaw></metadata></record>`;
  });
  const list =
    page.length === 0
      ? '<error code="noRecordsMatch"/>'
      : `<ListRecords>${records.join("")}<resumptionToken>${next < found.length ? `${set}|${from}|${next}` : ""}</resumptionToken></ListRecords>`;
  return `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>${instant(now())}</responseDate>${list}</OAI-PMH>`;
}

function answer(response: ServerResponse, mood: Mood, body: string): void {
  if (typeof mood === "object") {
    response.writeHead(mood.status, mood.headers).end("Rate exceeded.");
    return;
  }
  if (mood === "html") response.end("<html><body>Maintenance</body></html>");
  else if (mood === "error entry")
    response.end(
      feed(1, ["<entry><id>http://arxiv.org/api/errors#x</id><summary>malformed</summary></entry>"]),
    );
  else if (mood === "doctype") response.end(`<!DOCTYPE feed>${body}`);
  else if (mood === "long") {
    response.write(body);
    const piece = " ".repeat(1 << 20);
    for (let i = 0; i < 22; i++) response.write(piece);
    response.end();
  } else if (mood === "cut" || mood === "stalled") {
    response.writeHead(200, { "Content-Length": body.length + 1 });
    response.write(body.slice(0, body.length / 2), () => {
      if (mood === "cut") response.destroy();
    });
  } else response.end(body);
}

/** Starts the server on a free port. */
export async function fakeArxiv(settings: FakeSettings): Promise<FakeArxiv> {
  const requests: { at: Date; path: string; userAgent: string }[] = [];
  let here = 0;
  let most = 0;
  const server = createServer((request, response) => {
    here += 1;
    most = Math.max(most, here);
    let gone = false;
    const leave = () => {
      if (!gone) here -= 1;
      gone = true;
    };
    response.once("finish", leave).once("close", leave);
    const mood = settings.mood?.(requests.length) ?? "well";
    requests.push({
      at: settings.now(),
      path: request.url ?? "",
      userAgent: request.headers["user-agent"] ?? "",
    });
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://arxiv.invalid");
    answer(
      response,
      mood,
      pathname === "/oai" ? oai(searchParams, settings) : query(searchParams, settings, mood),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    queryUrl: new URL(`http://127.0.0.1:${port}/api/query`),
    oaiUrl: new URL(`http://127.0.0.1:${port}/oai`),
    requests,
    most: () => most,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A clock that only waiting moves. */
export function simulatedTime(start: Date) {
  let now = start.getTime();
  return {
    now: () => new Date(now),
    set(at: Date) {
      now = Math.max(now, at.getTime());
    },
    async wait(milliseconds: number, signal?: AbortSignal) {
      signal?.throwIfAborted();
      now += milliseconds;
    },
  };
}
