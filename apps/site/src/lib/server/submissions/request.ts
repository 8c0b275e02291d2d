import { and, desc, eq, ne } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { submissions } from "../database/schema/index.ts";
import { type Allowance, rateLimiter } from "../http/rate-limit.ts";
import { codeAddress } from "../papers/code-address.ts";
import { plainLine } from "../plain-line.ts";
import { LONGEST_NOTE } from "./rules.ts";

const HOUR = 3_600_000;
/** Papers that an account may have looked up in an hour. */
export const LOOKS_PER_HOUR = 30;

const looksOf = rateLimiter(LOOKS_PER_HOUR, HOUR);

/** Counts a look at a paper by an account, by a form or a program. */
export function lookAllowance(userId: string): Allowance {
  // The real time, also where the site's clock is stopped: an hour must end.
  return looksOf(userId, new Date());
}

/** The message to somebody who has used up an hour's look-ups. */
export function lookLimitMessage({ seconds }: Allowance): string {
  return `Too many requests. Try again in ${Math.ceil(seconds / 60)} min.`;
}

/** What may come with a paper. */
export interface Additions {
  readonly codeUrl: string | null;
  readonly note: string | null;
}

/** Reads what was typed beside a paper: an address of code and a note, or which of them is wrong. */
export function readAdditions(
  code: string,
  noteText: string,
): Additions | { readonly field: "code" | "note"; readonly message: string } {
  const codeUrl = code.trim() === "" ? null : codeAddress(code.trim());
  if (codeUrl === undefined)
    return {
      field: "code",
      message:
        "Enter an https address at github.com, gitlab.com, codeberg.org or huggingface.co, or leave it empty.",
    };
  const note = plainLine(noteText);
  if ([...note].length > LONGEST_NOTE)
    return { field: "note", message: `A note has at most ${LONGEST_NOTE} characters.` };
  return { codeUrl, note: note || null };
}

/** A person's own submission of a paper that was not refused. */
export async function ownSubmission(orm: Orm, userId: string, arxivId: string) {
  const [own] = await orm
    .select({ arxivId: submissions.arxivId, state: submissions.state, lane: submissions.lane })
    .from(submissions)
    .where(
      and(eq(submissions.userId, userId), eq(submissions.arxivId, arxivId), ne(submissions.state, "refused")),
    )
    .orderBy(desc(submissions.id))
    .limit(1);
  return own;
}
