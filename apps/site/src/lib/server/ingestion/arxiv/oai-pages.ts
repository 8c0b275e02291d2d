import type { ArxivClient } from "./client.ts";
import { type OaiPage, parseOai } from "./oai.ts";

/** The sets that are harvested. cs.NA and stat.TH are other names of math.NA and math.ST. */
export const SETS: readonly string[] = [
  "cs:cs:LG",
  "stat:stat:ML",
  "math:math:OC",
  "cs:cs:NE",
  "math:math:NA",
  "cs:cs:DC",
  "cs:cs:AI",
  "math:math:ST",
  "stat:stat:CO",
];

/** All pages of the papers of a set that were modified on a day (UTC) or later. */
export async function* oaiPages(
  client: ArxivClient,
  set: string,
  { from, signal }: { readonly from: string; readonly signal?: AbortSignal },
): AsyncGenerator<OaiPage, void, undefined> {
  const verb = "ListRecords";
  let parameters: Record<string, string> = { verb, metadataPrefix: "arXivRaw", set, from };
  for (;;) {
    const page = parseOai(await client.oai(parameters, { signal }));
    yield page;
    if (page.resumptionToken === undefined) return;
    parameters = { verb, resumptionToken: page.resumptionToken };
  }
}
