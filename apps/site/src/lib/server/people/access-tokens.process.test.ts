import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { users } from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import {
  LONGEST_TOKEN_NAME,
  listAccessTokens,
  MOST_TOKENS,
  makeAccessToken,
  readAccessToken,
  revokeAccessToken,
} from "./access-tokens.ts";

const now = new Date("2025-12-25T12:00:00Z");
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let orm: Orm;
  let ada: string;
  let ben: string;
  beforeAll(async () => {
    database = await open();
    ({ orm } = database);
    await migrate(orm);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await orm.delete(users);
    [{ id: ada }, { id: ben }] = await orm
      .insert(users)
      .values(
        ["ada", "ben"].map((name) => ({ email: `${name}@x.example`, emailCanonicalHmac: Buffer.from(name) })),
      )
      .returning({ id: users.id });
  });

  const make = async (userId: string, name = "laptop") => {
    const made = await makeAccessToken(orm, { userId, name, scopes: ["reports"] });
    if (typeof made === "string") throw new Error(made);
    return made.token;
  };

  test("a token is of its account, for its scopes, until it is revoked by its owner", async () => {
    const token = await make(ada);
    expect(await readAccessToken(orm, token, "reports", now)).toEqual({ userId: ada });
    expect(await readAccessToken(orm, token, "votes", now)).toBeUndefined();
    expect(await readAccessToken(orm, `gradus_${"x".repeat(43)}`, "reports", now)).toBeUndefined();
    const [{ id }] = await listAccessTokens(orm, ada);
    expect(id).not.toContain(token);
    expect(await revokeAccessToken(orm, ben, id)).toBe(false);
    expect(await listAccessTokens(orm, ben)).toEqual([]);
    expect(await readAccessToken(orm, token, "reports", now)).toEqual({ userId: ada });
    expect(await revokeAccessToken(orm, ada, id)).toBe(true);
    expect(await revokeAccessToken(orm, ada, id)).toBe(false);
    expect(await readAccessToken(orm, token, "reports", now)).toBeUndefined();
  });

  test("its use is noted once a minute, and a suspended account has none", async () => {
    const token = await make(ada);
    const lastUsed = async () => (await listAccessTokens(orm, ada))[0].lastUsed;
    expect(await lastUsed()).toBeNull();
    for (const seconds of [0, 60, 61]) await readAccessToken(orm, token, "reports", after(seconds));
    expect(await lastUsed()).toEqual(after(61));
    await readAccessToken(orm, token, "reports", after(90));
    expect(await lastUsed()).toEqual(after(61));
    await orm.update(users).set({ suspendedAt: now }).where(eq(users.id, ada));
    expect(await readAccessToken(orm, token, "reports", after(200))).toBeUndefined();
  });

  test("an account has twenty, also when two are made at once, and others' do not count", async () => {
    for (let i = 0; i < MOST_TOKENS - 1; i++) await make(ada, `laptop ${i}`);
    const scopes = ["votes"] as const;
    const made = await Promise.all(
      ["one", "two"].map((name) => makeAccessToken(orm, { userId: ada, name, scopes })),
    );
    expect(made.filter((one) => one === "too many")).toHaveLength(1);
    expect(await listAccessTokens(orm, ada)).toHaveLength(MOST_TOKENS);
    await make(ben);
  });

  test.each([
    [" \n\t ", "no name"],
    ["é".repeat(LONGEST_TOKEN_NAME + 1), "long name"],
  ])("the name %j is refused: %s", async (name, refusal) => {
    expect(await makeAccessToken(orm, { userId: ada, name, scopes: ["votes"] })).toBe(refusal);
    expect(await makeAccessToken(orm, { userId: ada, name: "laptop", scopes: [] })).toBe("no scope");
  });
});
