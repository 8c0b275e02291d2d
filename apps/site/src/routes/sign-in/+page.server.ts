import { fail, redirect } from "@sveltejs/kit";
import { parseArxivId } from "#lib/arxiv-id.ts";
import { rateLimiter } from "#lib/server/http/rate-limit.ts";
import { readForm } from "#lib/server/http/read-form.ts";
import { readsMail } from "#lib/server/mail/reader.ts";
import { tooManyRequests } from "#lib/server/pages/too-many-requests.ts";
import { readableLine } from "#lib/server/papers/abstract/readable-line.ts";
import { paperByArxivId } from "#lib/server/papers/papers.ts";
import { parseAddress } from "#lib/server/people/address.ts";
import { heldLinkMessage } from "#lib/server/people/held-link.ts";
import { returnPath } from "#lib/server/people/return-path.ts";
import { requestSignIn } from "#lib/server/people/sign-in.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

const HOUR = 3_600_000;
/** Links that may be asked for from one address of the network in an hour. */
const requestsPerHour = Number(process.env.GRADUS_SIGN_IN_LIMIT || 20);
const allowanceOf = rateLimiter(requestsPerHour, HOUR);

/** The paper that somebody signs in to vote for, if it is here. */
async function paperToVoteFor(given: unknown): Promise<{ id: string; title: string } | undefined> {
  const id = typeof given === "string" ? parseArxivId(given)?.id : undefined;
  if (id === undefined) return undefined;
  const { database } = await site();
  const paper = await paperByArxivId(database.orm, id);
  return paper && !paper.hidden ? { id, title: readableLine(paper.title) } : undefined;
}

export const load: PageServerLoad = async ({ url, locals }) => {
  const to = returnPath(url.searchParams.get("to"));
  if (locals.person) redirect(303, to);
  const unchanged = url.searchParams.has("unchanged");
  return { to, unchanged, vote: await paperToVoteFor(url.searchParams.get("vote")) };
};

export const actions: Actions = {
  async default({ request, url, cookies, getClientAddress, setHeaders }) {
    const fields = await readForm(request);
    const typed = String(fields.get("email") ?? "").slice(0, 300);
    const allowance = allowanceOf(getClientAddress(), new Date());
    if (!allowance.allowed) {
      const minutes = Math.ceil(allowance.seconds / 60);
      return tooManyRequests({ setHeaders }, allowance.seconds, {
        typed,
        message: `Too many requests from your network. Try again in ${minutes} min.`,
      });
    }
    const email = parseAddress(typed);
    if (!email)
      return fail(400, { typed, message: "Enter a complete email address, such as ada@example.org." });
    const { database, jobs, mail, now } = await site();
    const returnTo = returnPath(fields.get("to"));
    const voteFor = (await paperToVoteFor(fields.get("vote")))?.id;
    const wanted = { email, returnTo, voteFor, origin: url.origin, now: now() };
    const held = await requestSignIn(database.orm, wanted);
    const answer = { sent: email, folder: mail.folder !== undefined, showsMail: readsMail(mail, cookies) };
    if (held)
      return tooManyRequests({ setHeaders }, held.seconds, { ...answer, held: heldLinkMessage(email, held) });
    // Not waited for: the answer takes as long whether a message is sent or not.
    void jobs.request("mail").catch(() => undefined);
    return { ...answer, held: undefined };
  },
};
