import { parseArxivId } from "#lib/arxiv-id.ts";
import { ago } from "#lib/days.ts";
import { decisions } from "#lib/server/operator/decisions.ts";
import { formAction } from "#lib/server/operator/form-action.ts";
import { operatorOf } from "#lib/server/people/operators.ts";
import { listAccounts, maySuspend } from "#lib/server/people/suspensions.ts";
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

const back = () => "/operator/accounts";

export const actions: Actions = {
  suspend: formAction(decisions.accounts.suspend, "account", back),
  restore: formAction(decisions.accounts.restore, "account", back),
};
