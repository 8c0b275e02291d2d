import { error, fail, redirect } from "@sveltejs/kit";
import { ago, longDate } from "#lib/days.ts";
import { rateLimiter } from "#lib/server/http/rate-limit.ts";
import { isTooLarge, readForm } from "#lib/server/http/read-form.ts";
import { tooManyRequests } from "#lib/server/pages/too-many-requests.ts";
import {
  LONGEST_TOKEN_NAME,
  listAccessTokens,
  MOST_TOKENS,
  makeAccessToken,
  revokeAccessToken,
  scopesFor,
  type TokenRefusal,
} from "#lib/server/people/access-tokens.ts";
import { accountHash, deleteAccount } from "#lib/server/people/account.ts";
import { parseAddress } from "#lib/server/people/address.ts";
import { isLastAdministrator } from "#lib/server/people/administrators.ts";
import { requestAddressChange } from "#lib/server/people/change-address.ts";
import { LONGEST_NAME, parseName, rename } from "#lib/server/people/display-name.ts";
import { heldLinkMessage } from "#lib/server/people/held-link.ts";
import { hasOtherVersion, importAccount, parseExport } from "#lib/server/people/import-account.ts";
import { endAllSessions, endSession, listSessions, sessionCookie } from "#lib/server/people/sessions.ts";
import { NO_OWN_REPORT, ownReports, withdrawReport } from "#lib/server/reports/own-reports.ts";
import { site } from "#lib/server/site.ts";
import { describeSchedule } from "#lib/server/subscriptions/describe.ts";
import { importSubscription } from "#lib/server/subscriptions/import.ts";
import { subscriptionsOf } from "#lib/server/subscriptions/preferences.ts";
import type { Actions, PageServerLoad, RequestEvent } from "./$types";

const HOUR = 3_600_000;
const TOO_LARGE =
  "The file cannot be imported: it has more than 8 MB. Divide its lists among several files that are otherwise the same, and import these one after the other. Nothing was changed.";
/** Imports of an account in an hour: each may cast many votes. */
const importsOf = rateLimiter(3, HOUR);

/** Links to new addresses that an account may ask for in an hour. */
const changesOf = rateLimiter(5, HOUR);

/** Who asks, with their session; sends everybody else to sign in, and says there that a form changed nothing. */
function signedIn({ locals: { person, session }, request }: Pick<RequestEvent, "locals" | "request">) {
  if (!person || !session)
    redirect(303, `/sign-in?to=/account${request.method === "POST" ? "&unchanged=1" : ""}`);
  return { person, session };
}

export const load: PageServerLoad = async (event) => {
  const { person, session } = signedIn(event);
  const { database, now, links } = await site();
  const { orm } = database;
  const [sessions, tokens, reports, subscriptions, lastAdministrator] = await Promise.all([
    listSessions(orm, person.id, session, now()),
    listAccessTokens(orm, person.id),
    ownReports(orm, person.id),
    accountHash(orm, person.id).then((hash) => subscriptionsOf(orm, hash)),
    isLastAdministrator(orm, person),
  ]);
  const subscription = subscriptions.find(({ status }) => status === "active");
  return {
    email: person.email,
    subscription: subscription && {
      schedule: describeSchedule(subscription),
      path: `/u/${links.preferences(subscription.id)}`,
    },
    name: person.name ?? "",
    lastAdministrator,
    sessions: sessions.map(({ agent, current, lastSeen }) => ({
      agent,
      current,
      used: ago(lastSeen, now()),
    })),
    scopes: scopesFor(person),
    tokens: tokens.map(({ id, name, scopes, lastUsed }) => ({
      id,
      name,
      scopes,
      used: lastUsed ? `last used ${ago(lastUsed, now())}` : "never used",
    })),
    reports: reports.map(({ sent, ...report }) => ({
      ...report,
      sent: { label: longDate(sent), instant: sent.toISOString() },
    })),
  };
};

function leave({ cookies, url }: RequestEvent, path = "/papers"): never {
  const { name, options } = sessionCookie(url);
  cookies.delete(name, { ...options, maxAge: 0 });
  redirect(303, path);
}

const refusals: Readonly<Record<TokenRefusal, string>> = {
  "no name": "Enter a name, such as laptop.",
  "long name": `The name must have at most ${LONGEST_TOKEN_NAME} characters.`,
  "no scope": "Choose what the token may be used for.",
  "too many": `An account may have at most ${MOST_TOKENS} tokens. Revoke one first.`,
  "no account": "This account was deleted.",
};

export const actions: Actions = {
  async makeToken(event) {
    const { person } = signedIn(event);
    const fields = await readForm(event.request);
    const name = String(fields.get("name") ?? "").slice(0, 300);
    const chosen = scopesFor(person).filter((scope) => fields.getAll("scope").includes(scope));
    const { database } = await site();
    const made = await makeAccessToken(database.orm, { userId: person.id, name, scopes: chosen });
    if (typeof made === "string")
      return fail(400, { token: { problem: refusals[made], typed: name, chosen, made: undefined } });
    return { token: { made: made.token, problem: undefined, typed: undefined, chosen: undefined } };
  },
  async revokeToken(event) {
    const { person } = signedIn(event);
    const id = String((await readForm(event.request)).get("id") ?? "");
    const { database } = await site();
    await revokeAccessToken(database.orm, person.id, id);
    redirect(303, "/account#tokens");
  },
  async withdrawReport(event) {
    const { person } = signedIn(event);
    const given = String((await readForm(event.request)).get("report") ?? "");
    const { database } = await site();
    if (!(await withdrawReport(database.orm, { given, userId: person.id }))) error(404, NO_OWN_REPORT);
    redirect(303, "/account#reports");
  },
  async rename(event) {
    const { person } = signedIn(event);
    const typed = String((await readForm(event.request)).get("name") ?? "").slice(0, 1000);
    const name = parseName(typed);
    if (name === undefined)
      return fail(400, { typed, nameMessage: `A name has at most ${LONGEST_NAME} characters.` });
    const { database } = await site();
    await rename(database.orm, person.id, name);
    redirect(303, "/account");
  },
  async changeAddress(event) {
    const { person } = signedIn(event);
    const typed = String((await readForm(event.request)).get("email") ?? "").slice(0, 300);
    const email = parseAddress(typed);
    const problem =
      email === undefined
        ? "Enter a complete email address, such as ada@example.org."
        : email === person.email
          ? "This is your address already."
          : undefined;
    if (email === undefined || problem) return fail(400, { address: { typed, problem, sent: undefined } });
    const allowance = changesOf(person.id, new Date());
    if (!allowance.allowed) {
      const minutes = Math.ceil(allowance.seconds / 60);
      return tooManyRequests(event, allowance.seconds, {
        address: { typed, problem: `Too many requests. Try again in ${minutes} min.`, sent: undefined },
      });
    }
    const { database, jobs, mail, now } = await site();
    const held = await requestAddressChange(database.orm, {
      ...{ userId: person.id, email, origin: event.url.origin, now: now() },
    });
    if (held)
      return tooManyRequests(event, held.seconds, {
        address: { typed, problem: heldLinkMessage(email, held), sent: undefined },
      });
    void jobs.request("mail").catch(() => undefined);
    return {
      address: { typed: undefined, problem: undefined, sent: email, folder: mail.folder !== undefined },
    };
  },
  async import(event) {
    const { person } = signedIn(event);
    const fields = await readForm(event.request).catch((failure: unknown) => {
      if (!isTooLarge(failure)) throw failure;
    });
    if (!fields) return fail(413, { importMessage: TOO_LARGE });
    const file = fields.get("file");
    if (!(file instanceof File) || file.size === 0)
      return fail(400, { importMessage: "Choose the file gradus-account.json that a gradus site exported." });
    const text = await file.text();
    const kept = parseExport(text);
    if (!kept) {
      const why = hasOtherVersion(text)
        ? "was exported by another version of gradus"
        : "is damaged, or is not an exported account";
      return fail(400, { importMessage: `The file cannot be imported: it ${why}. Nothing was changed.` });
    }
    const allowance = importsOf(person.id, new Date());
    if (!allowance.allowed)
      return tooManyRequests(event, allowance.seconds, {
        importMessage: `Too many imports. Try again in ${Math.ceil(allowance.seconds / 60)} min.`,
      });
    const { database, now, addressKey, jobs } = await site();
    const imported = await importAccount(database.orm, person.id, kept, now());
    const subscribes = await importSubscription(database.orm, {
      ...{ userId: person.id, exported: kept.subscriptions, key: addressKey, now: now() },
      ...{ network: event.getClientAddress(), origin: event.url.origin },
    });
    if (subscribes) void jobs.request("subscriptions").catch(() => undefined);
    return { imported: { ...imported, subscribes } };
  },
  async signOut(event) {
    const { session } = event.locals;
    const { database } = await site();
    if (session) await endSession(database.orm, session);
    leave(event);
  },
  async signOutEverywhere(event) {
    const { person } = signedIn(event);
    const { database } = await site();
    await endAllSessions(database.orm, person.id);
    leave(event);
  },
  async delete(event) {
    const { person } = signedIn(event);
    const fields = await readForm(event.request);
    if (fields.get("sure") !== "yes")
      return fail(400, { message: "Check the box to confirm that you want to delete your account." });
    const { database, addressKey } = await site();
    await deleteAccount(database.orm, person.id, addressKey);
    leave(event, "/account/deleted");
  },
};
