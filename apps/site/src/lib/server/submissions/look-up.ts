import type { Orm } from "../database/connect.ts";
import { parseAtom } from "../ingestion/arxiv/atom.ts";
import { WITNESS } from "../ingestion/arxiv/atom-pages.ts";
import type { ArxivClient } from "../ingestion/arxiv/client.ts";
import { TurnTakenError } from "../ingestion/arxiv/turns.ts";
import { isSourceFailure } from "../ingestion/run.ts";
import { paperByArxivId, type StoredPaper } from "../papers/papers.ts";
import { writePapers } from "../papers/writing/write.ts";
import { paperRefusal, type Refusal } from "./rules.ts";

/** How long a reader waits for their turn to ask arXiv, in milliseconds. */
const PATIENCE = 6000;

/**
 * The paper of an identifier: as it is here with arXiv's text, else as arXiv has it. What is not here yet is stored
 * unless something speaks against it, which is then returned: what is stored can be found. "not found" when arXiv does
 * not have it, "unavailable" when arXiv gives no answer now. Only the configured address of arXiv is asked, once.
 */
export async function lookUp(orm: Orm, client: ArxivClient, arxivId: string): Promise<StoredPaper | Refusal> {
  const stored = await paperByArxivId(orm, arxivId);
  if (stored && (stored.abstractKind === "source" || stored.featuredAt)) return stored;
  try {
    const parameters = { id_list: [...new Set([WITNESS, arxivId])].join(), max_results: "2" };
    const { records } = parseAtom(await client.query(parameters, { patience: PATIENCE }));
    const found = records.find((record) => record.arxivId === arxivId);
    if (!found)
      // An answer without the witness is one of arXiv's empty pages.
      return records.some((record) => record.arxivId === WITNESS) ? "not found" : "unavailable";
    const against = stored ? undefined : paperRefusal({ ...found, featuredAt: null, hidden: false });
    if (against) return against;
    await writePapers(orm, [found]);
    return (await paperByArxivId(orm, arxivId)) ?? "not found";
  } catch (error) {
    if (isSourceFailure(error) || error instanceof TurnTakenError) return "unavailable";
    throw error;
  }
}
