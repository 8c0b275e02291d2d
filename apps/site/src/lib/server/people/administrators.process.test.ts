import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Orm } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { users } from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { administratorNotice, isLastAdministrator } from "./administrators.ts";

const now = new Date("2025-12-25T12:00:00Z");
const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000);

describe.each(engines)("on %s", (_, open) => {
  const folder = mkdtempSync(join(tmpdir(), "gradus-administrators-"));
  let database: Database;
  let orm: Orm;
  beforeAll(async () => {
    database = await open();
    ({ orm } = database);
    await migrate(orm);
  });
  afterAll(async () => {
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => orm.delete(users));

  const notice = (at = now, terminal = false) => administratorNotice(orm, { folder, now: at, terminal });
  const person = async (role: "reader" | "moderator" | "administrator") => {
    const values = { email: `${role}@x.example`, emailCanonicalHmac: Buffer.from(role), role };
    await orm.insert(users).values(values);
    return eq(users.email, values.email);
  };

  test("a site says how to become its administrator until it has one that is not suspended", async () => {
    await person("reader");
    await person("moderator");
    expect(await notice()).toContain("no administrator yet");
    const administrator = await person("administrator");
    expect(await notice()).toBeUndefined();
    await orm.update(users).set({ suspendedAt: now }).where(administrator);
    expect(await notice()).toContain("no administrator yet");
  });

  test("the last administrator is told apart, whatever others there are", async () => {
    const idOf = async (role: Parameters<typeof person>[0]) => {
      const [{ id }] = await orm
        .select({ id: users.id })
        .from(users)
        .where(await person(role));
      return { id, role };
    };
    const [moderator, administrator] = [await idOf("moderator"), await idOf("administrator")];
    expect(await isLastAdministrator(orm, administrator)).toBe(true);
    expect(await isLastAdministrator(orm, moderator)).toBe(false);
    const other = { email: "o@x.example", emailCanonicalHmac: Buffer.from("o"), role: administrator.role };
    await orm.insert(users).values({ ...other, suspendedAt: now });
    expect(await isLastAdministrator(orm, administrator)).toBe(true);
    await orm.update(users).set({ suspendedAt: null }).where(eq(users.email, other.email));
    expect(await isLastAdministrator(orm, administrator)).toBe(false);
  });

  test("a terminal is shown the link, a log only its file; the link stays the same while it can be used", async () => {
    const logged = (await notice()) ?? "";
    const [, file = ""] = /open the link in the file (\S+) \(expires in 24 hours\)$/.exec(logged) ?? [];
    const [link] = readFileSync(file, "utf8").split("\n");
    expect(logged).not.toContain(link);
    expect(await notice(later(22.5), true)).toContain(`open ${link} (expires in 2 hours)`);
    expect(await notice(later(24), true)).not.toContain(link);
  });
});
