import { createRoute, z } from "@hono/zod-openapi";
import { Problem } from "../../http/problem.ts";
import { accountHash } from "../../people/account.ts";
import { type Site, site } from "../../site.ts";
import { changedChoices, choicesOf, givenChoices, givenFrom } from "../../subscriptions/choices.ts";
import {
  changeSubscription,
  maskedAddress,
  readSubscription,
  type Subscription,
  subscriptionsOf,
  unsubscribe,
} from "../../subscriptions/preferences.ts";
import {
  ADDRESS_MESSAGE,
  isCompleteAddress,
  REQUESTS_PER_HOUR,
  requestSubscription,
  subscribeAllowance,
  subscribeLimitMessage,
} from "../../subscriptions/subscribe.ts";
import { requireAccount } from "../authorize.ts";
import { readBody, smallBody } from "../body.ts";
import { type ApiContext, newApi } from "../context.ts";
import { writeResponses } from "../responses.ts";
import { requestedSubscriptionSchema, subscriptionListSchema, subscriptionSchema } from "../schemas.ts";

const PATH = "/api/v1/subscriptions";
const NO_ACCOUNT = "No valid access token with scope `subscriptions`.";
/** The version of what the documentation says of subscribing. */
const CONSENT = "api-1";
const NEUTRAL = "If this address can receive email, a message with a link that confirms is on its way.";

const sentSubscriptionSchema = givenChoices
  .extend({ email: z.string().meta({ description: "The address, whose owner is asked to confirm." }) })
  .strict()
  .openapi("SentSubscription");
const changedSubscriptionSchema = changedChoices.strict().openapi("ChangedSubscription");

const security = [{ token: [] }];
const byEither: Record<string, string[]>[] = [...security, {}];
const jsonBody = (schema: z.ZodType) => ({
  body: { required: true, content: { "application/json": { schema } } },
});

/** Asks the owner of an address to confirm. */
const request = createRoute({
  method: "post",
  path: PATH,
  operationId: "requestSubscription",
  tags: ["Subscriptions"],
  summary: "Subscribe an address to digests",
  description:
    "With scope `subscriptions`. The owner of the address is mailed a link, and nothing else is sent before it is used. " +
    "The answer is the same for every address, whether it is subscribed or can receive mail or not. At most " +
    `${REQUESTS_PER_HOUR} requests an hour from an account or a network; an address is mailed at most once in 10 minutes ` +
    "and three times a day.",
  security,
  request: jsonBody(sentSubscriptionSchema),
  responses: writeResponses(
    requestedSubscriptionSchema,
    {
      401: NO_ACCOUNT,
      413: "The body is too large.",
      415: "The body is not `application/json`.",
      422: "A field is malformed.",
    },
    202,
  ),
});

/** The account's own. */
const list = createRoute({
  method: "get",
  path: PATH,
  operationId: "listSubscriptions",
  tags: ["Subscriptions"],
  summary: "List your subscriptions",
  description: "Those of the account's address, pending and ended ones included, with scope `subscriptions`.",
  security,
  responses: writeResponses(subscriptionListSchema, { 401: NO_ACCOUNT }, 200),
});

const one = {
  path: `${PATH}/{subscription}` as const,
  tags: ["Subscriptions"],
  security: byEither,
};
const parameters = z.object({
  subscription: z
    .string()
    .max(200)
    .meta({
      description:
        "The token of a preferences link (what follows `/u/`), which needs no access token; or the `id` of a subscription of the account.",
      examples: ["8c5a3f0e-2f4d-4c0c-9d3e-1f5b7a9c2d10"],
    }),
});
const ABSENT = "The token is not valid, or the account has no such subscription.";

const read = createRoute({
  ...one,
  method: "get",
  operationId: "readSubscription",
  summary: "Get a subscription",
  description: "The address is masked.",
  request: { params: parameters },
  responses: writeResponses(subscriptionSchema, { 401: NO_ACCOUNT, 404: ABSENT }, 200),
});

const change = createRoute({
  ...one,
  method: "patch",
  operationId: "changeSubscription",
  summary: "Change a subscription",
  description: "What is not named stays as it is. Only active subscriptions can be changed.",
  request: { params: parameters, ...jsonBody(changedSubscriptionSchema) },
  responses: writeResponses(
    subscriptionSchema,
    {
      401: NO_ACCOUNT,
      404: ABSENT,
      409: "The subscription is not active.",
      413: "The body is too large.",
      415: "The body is not `application/json`.",
      422: "A field is malformed.",
    },
    200,
  ),
});

const end = createRoute({
  ...one,
  method: "delete",
  operationId: "endSubscription",
  summary: "Unsubscribe",
  description: "At once; doing it again changes nothing. The preferences page deletes the address too.",
  request: { params: parameters },
  responses: writeResponses(subscriptionSchema, { 401: NO_ACCOUNT, 404: ABSENT }, 200),
});

/** A subscription as its owner sees it. */
function resourceOf(subscription: Subscription): z.output<typeof subscriptionSchema> {
  const { id, email, status, createdAt, confirmedAt, nextDueAt } = subscription;
  return subscriptionSchema.parse({
    id,
    address: maskedAddress(email),
    status,
    ...givenFrom(subscription),
    created_at: createdAt.toISOString(),
    confirmed_at: confirmedAt?.toISOString() ?? null,
    next_due_at: nextDueAt?.toISOString() ?? null,
  });
}

const answer = (context: ApiContext, subscription: Subscription) =>
  context.json(resourceOf(subscription), 200, PRIVATE);

/** Whoever has the address of an answer has what it shows. */
const PRIVATE = { "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex" };

const absent = () => new Problem("not_found", "There is no such subscription.", "subscription");

/** The subscription that a request names by its token, or by its id where it is the account's. */
async function named(context: ApiContext, { database, links }: Site): Promise<Subscription> {
  const name = context.req.param("subscription") ?? "";
  const byToken = links.readPreferences(name);
  if (byToken !== undefined) {
    const found = await readSubscription(database.orm, byToken);
    if (!found) throw absent();
    return found;
  }
  const userId = await requireAccount(context, "subscriptions");
  const own = await subscriptionsOf(database.orm, await accountHash(database.orm, userId));
  const found = own.find(({ id }) => id === name);
  if (!found) throw absent();
  return found;
}

async function again({ database }: Site, id: string): Promise<Subscription> {
  const found = await readSubscription(database.orm, id);
  if (!found) throw absent();
  return found;
}

/** Digests by mail. */
export const subscriptionsApi = newApi();
for (const route of [request, list, read, change, end]) subscriptionsApi.openAPIRegistry.registerPath(route);

subscriptionsApi.post(PATH, smallBody, async (context) => {
  const userId = await requireAccount(context, "subscriptions");
  const { email: typed, ...given } = await readBody(context, sentSubscriptionSchema);
  const email = typed.trim();
  if (!isCompleteAddress(email)) throw new Problem("invalid_body", ADDRESS_MESSAGE, "email");
  const network = context.env.address ?? "";
  for (const from of new Set([network, userId])) {
    const allowance = subscribeAllowance(from);
    if (!allowance.allowed)
      throw new Problem("too_many_requests", subscribeLimitMessage(allowance), undefined, allowance.seconds);
  }
  const { database, jobs, now } = await site();
  const { origin } = new URL(context.req.url);
  await requestSubscription(database.orm, {
    ...{ email, choices: choicesOf(given), network, origin, now: now(), text: CONSENT },
  });
  void jobs.request("subscriptions").catch(() => undefined);
  return context.json(requestedSubscriptionSchema.parse({ message: NEUTRAL }), 202, PRIVATE);
});

subscriptionsApi.get(PATH, async (context) => {
  const userId = await requireAccount(context, "subscriptions");
  const { database } = await site();
  const own = await subscriptionsOf(database.orm, await accountHash(database.orm, userId));
  return context.json({ subscriptions: own.map(resourceOf) }, 200, PRIVATE);
});

const onePath = `${PATH}/:subscription`;

subscriptionsApi.get(onePath, async (context) => answer(context, await named(context, await site())));

subscriptionsApi.patch(onePath, smallBody, async (context) => {
  const own = await site();
  const subscription = await named(context, own);
  const changes = await readBody(context, changedSubscriptionSchema);
  const choices = choicesOf({ ...givenFrom(subscription), ...changes });
  if (!(await changeSubscription(own.database.orm, subscription.id, choices, own.now())))
    throw new Problem("conflict", "The subscription is not active; subscribe again.");
  return answer(context, await again(own, subscription.id));
});

subscriptionsApi.delete(onePath, async (context) => {
  const own = await site();
  const { id } = await named(context, own);
  await unsubscribe(own.database.orm, id, own.now());
  return answer(context, await again(own, id));
});
