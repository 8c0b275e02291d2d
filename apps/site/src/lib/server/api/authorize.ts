import type { TokenScope } from "../database/schema/index.ts";
import { Problem } from "../http/problem.ts";
import { readAccessToken } from "../people/access-tokens.ts";
import { mayOperate, type Operator, readOperator } from "../people/operators.ts";
import { site } from "../site.ts";
import type { ApiContext } from "./context.ts";
import { absentPath } from "./problems.ts";

/**
 * The account in whose name a request writes: that of its access token, else that of the browser it comes from.
 *
 * @throws Problem 401 where there is none, or the token is not meant for `scope`
 */
export async function requireAccount({ req, env }: ApiContext, scope: TokenScope): Promise<string> {
  const field = req.header("authorization");
  if (field === undefined) {
    if (env.person) return env.person.id;
    throw new Problem("unauthorized", "Sign in, or send an access token: Authorization: Bearer gradus_….");
  }
  const [, token] = /^Bearer +(\S+)$/i.exec(field) ?? [];
  const { database, now } = await site();
  const account = token && (await readAccessToken(database.orm, token, scope, now()));
  if (!account)
    throw new Problem(
      "unauthorized",
      `The access token is not valid, or its scopes lack “${scope}”; create one on your account page.`,
    );
  env.tellTokenOwner?.(account.userId);
  return account.userId;
}

/** The API's paths have what is before those of the operator's pages. */
const BEFORE_PAGES = "/api/v1";

/**
 * The operator in whose name a request is made, by the role that the account has now.
 *
 * @throws Problem 401 as `requireAccount`; 404 for all who may not see the page of the same path
 */
export async function requireOperator(context: ApiContext): Promise<Operator> {
  const userId = await requireAccount(context, "operator");
  const { database } = await site();
  const account = await readOperator(database.orm, userId);
  const { path } = context.req;
  if (!account || !mayOperate(account, path.slice(BEFORE_PAGES.length))) throw absentPath(path);
  return account;
}
