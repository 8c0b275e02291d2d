import { z } from "zod";
import { parseArxivId } from "#lib/arxiv-id.ts";
import { codeAddress } from "../../papers/code-address.ts";

/** Hugging Face did not answer, or not with a list. */
export class HuggingFaceError extends Error {
  override readonly name = "HuggingFaceError";
}

/** What a daily list says of a paper beyond what arXiv does. */
export interface DailyEntry {
  readonly arxivId: string;
  readonly upvotes: number;
  readonly codeUrl: string | null;
  readonly projectUrl: string | null;
}

/** A page of a daily list. */
export interface DailyPage {
  readonly entries: readonly DailyEntry[];
  /** Items, with those that are no paper of arXiv. */
  readonly items: number;
}

const MOST_UPVOTES = 10_000_000;
const LONGEST_ADDRESS = 300;

const itemSchema = z.object({
  paper: z.object({
    id: z.string().max(64),
    upvotes: z.int().min(0).max(MOST_UPVOTES),
    githubRepo: z.string().nullish().catch(undefined),
    projectPage: z.string().nullish().catch(undefined),
  }),
});

/** An https address without user and port, in ASCII. */
function projectAddress(text: string): string | undefined {
  if (text.length > LONGEST_ADDRESS || !/^[!-~]+$/.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, username, password, port, href } = new URL(text);
  return protocol === "https:" && !username && !password && !port ? href : undefined;
}

/**
 * Reads a page of `/api/daily_papers`. Only identifiers, votes and links are read: titles and abstracts are flattened
 * there, and arXiv has them. An item that is not of this form is left out.
 *
 * @throws HuggingFaceError when the text is no list
 */
export function parseDailyPage(text: string): DailyPage {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new HuggingFaceError("the answer is no JSON");
  }
  if (!Array.isArray(parsed)) throw new HuggingFaceError("the answer is no list");
  const items: readonly unknown[] = parsed;
  const entries = items.flatMap((item) => {
    const { data } = itemSchema.safeParse(item);
    const reference = data && parseArxivId(data.paper.id);
    if (!reference) return [];
    const { upvotes, githubRepo, projectPage } = data.paper;
    return [
      {
        arxivId: reference.id,
        upvotes,
        codeUrl: codeAddress(githubRepo ?? "") ?? null,
        projectUrl: projectAddress(projectPage ?? "") ?? null,
      },
    ];
  });
  return { entries, items: items.length };
}
