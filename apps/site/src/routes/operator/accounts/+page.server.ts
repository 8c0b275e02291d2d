import { fail, redirect } from "@sveltejs/kit";
import { parseArxivId } from "#lib/arxiv-id.ts";
import { ago } from "#lib/days.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { listAccounts, maySuspend, restoreAccount, suspendAccount } from "#lib/server/people/suspensions.ts";
import { plainLine } from "#lib/server/plain-line.ts";
import { site } from "#lib/server/site.ts";
import type { Actions, PageServerLoad } from "./$types";

const LONGEST_ADDRESS = 254;

export const load: PageServerLoad = async (event) => {
  const person = operatorOf(event);
  const { searchParams } = event.url;
  const address = plainLine(searchParams.get("address") ?? "").slice(0, LONGEST_ADDRESS);
  const votedFor = parseArxivId(searchParams.get("voted-for") ?? "")?.id;
  const { database, now } = await site();
  const accounts = await listAccounts(database.orm, { address, votedFor });
  return {
    address,
    votedFor,
    accounts: accounts.map(({ createdAt, suspendedAt, ...account }) => ({
      ...account,
      created: ago(createdAt, now()),
      suspended: suspendedAt ? ago(suspendedAt, now()) : undefined,
      maySuspend: maySuspend(person, account),
    })),
  };
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The account that a form names. */
async function accountOf(request: Request): Promise<string | undefined> {
  const id = String((await request.formData()).get("account") ?? "");
  return UUID.test(id) ? id : undefined;
}

export const actions: Actions = {
  async suspend(event) {
    const by = operatorOf(event);
    const userId = await accountOf(event.request);
    const { database, now } = await site();
    if (!userId || !(await suspendAccount(database.orm, { userId, by, now: now() })))
      return fail(400, { message: "This account cannot be suspended." });
    redirect(303, "/operator/accounts");
  },
  async restore(event) {
    operatorOf(event);
    const userId = await accountOf(event.request);
    const { database, now } = await site();
    if (!userId || !(await restoreAccount(database.orm, userId, now())))
      return fail(400, { message: "This account is not suspended." });
    redirect(303, "/operator/accounts");
  },
};
