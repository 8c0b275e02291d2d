import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asc, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { mailOutbox } from "../database/schema/index.ts";
import { engines } from "../database/testing.ts";
import { usualChoices } from "../subscriptions/choices.ts";
import { type HandOverJournal, openJournal } from "./journal.ts";
import { mailJob, queueMail } from "./outbox.ts";
import { MailError, type Refusal } from "./transport.ts";

const MINUTE = 60_000;
const start = Date.parse("2025-12-25T12:00:00Z");
const { signal } = new AbortController();
/** What a server says. */
const ANSWERS: Partial<Record<Refusal, object>> = {
  refused: { responseCode: 550, response: "550 5.1.1 no such user", command: "RCPT TO" },
  later: { responseCode: 452, response: "452 4.2.2 mailbox full", command: "DATA" },
};

describe.each(engines)("on %s", (_, open) => {
  let database: Database;
  let now: number;
  /** Recipients in the order in which their messages were taken. */
  let taken: string[];
  type Reaction = Refusal | "silence" | "crash" | "crash after" | undefined;
  let react: (recipient: string) => Reaction | Promise<Reaction>;
  /** Recipients of messages that were not taken, and what the server said. */
  let refusals: (readonly [string, string | undefined, boolean])[];
  /** Seconds after which a run was asked for. */
  let asked: number[];
  let folder: string;
  let journal: HandOverJournal;
  beforeAll(async () => {
    database = await open();
    await migrate(database.orm);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await database.orm.delete(mailOutbox);
    [now, taken, react, refusals, asked] = [start, [], () => undefined, [], []];
    folder = mkdtempSync(join(tmpdir(), "gradus-journal-"));
    journal = openJournal(join(folder, "journal"));
  });
  afterEach(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });

  const ask = (recipient: string, minutes = 60) =>
    queueMail(database.orm, {
      recipient,
      kind: "sign-in",
      details: { origin: "https://papers.example.org", returnTo: "/papers" },
      from: new Date(now),
      expiresAt: new Date(now + minutes * MINUTE),
    });
  const askDigest = (recipient: string) =>
    database.orm.insert(mailOutbox).values({
      ...{ recipient, kind: "digest", details: { subscription: "s", period: "2025-12-25" } },
      ...{ nextAt: new Date(now), expiresAt: new Date(now + 60 * MINUTE) },
    });
  const compose = async ({ id, recipient }: { id: number; recipient: string }) => ({
    ...{ to: recipient, subject: "s", text: "t", html: "h", messageId: `<${id}@x>` },
  });
  const job = () =>
    mailJob(database.orm, {
      now: () => new Date(now),
      transport: {
        async send({ to }) {
          const reaction = await react(to);
          if (reaction === "crash") throw new Error("the process ended");
          if (reaction === "silence")
            throw new MailError("later", new Error("Connection closed unexpectedly"));
          if (reaction && reaction !== "crash after") throw new MailError(reaction, ANSWERS[reaction]);
          taken.push(to);
        },
      },
      kinds: {
        "sign-in": { compose },
        "address-changed": { compose },
        confirm: { compose, toSuppressed: true },
        digest: { compose, resend: true },
      },
      journal: {
        ...journal,
        record(id) {
          journal.record(id);
          if (react(taken.at(-1) ?? "") === "crash after") throw new Error("the process ended");
        },
      },
      suppressed: async (_, recipients) => new Set(recipients.filter((one) => one.startsWith("bounced"))),
      returnPath: async (_, { id }) => `return+${id}@example.org`,
      refused: async (_, recipient, { status, ofRecipient }) => {
        refusals.push([recipient, status, ofRecipient]);
      },
      runIn: async (seconds) => {
        asked.push(seconds);
      },
    });
  const states = async () =>
    (await database.orm.select().from(mailOutbox).orderBy(asc(mailOutbox.id))).map(({ state }) => state);

  test("messages go out once, in the order in which they were asked for", async () => {
    const people = ["c@example.org", "a@example.org", "b@example.org"];
    for (const person of people) await ask(person);
    await job().run(signal);
    await job().run(signal);
    expect(taken).toEqual(people);
    expect(await states()).toEqual(["sent", "sent", "sent"]);
  });

  test("an address gets one a minute and five an hour, whatever its case", async () => {
    const past = (seconds: number) =>
      database.orm.execute(
        sql`update mail_outbox set created_at = created_at - make_interval(secs => ${seconds}::int)`,
      );
    for (const spelling of ["ada@example.org", "ADA@example.org"]) await ask(spelling);
    expect(await states()).toHaveLength(1);
    for (let i = 0; i < 8; i++) {
      await past(61);
      await ask("Ada@example.org");
    }
    expect(await states()).toHaveLength(5);
    await ask("grace@example.org");
    expect(await states()).toHaveLength(6);
    await past(3600);
    await ask("ada@example.org");
    expect(await states()).toHaveLength(7);
  });

  test("while no server can be reached the job fails, and the messages keep their places", async () => {
    for (const person of ["a@example.org", "b@example.org"]) await ask(person);
    react = () => "unreachable";
    await expect(job().run(signal)).rejects.toThrow("mail server unreachable");
    expect(await states()).toEqual(["waiting", "waiting"]);
    react = () => undefined;
    await job().run(signal);
    expect(taken).toEqual(["a@example.org", "b@example.org"]);
  });

  test("one whose hand-over was cut off is not sent again, and the next are", async () => {
    for (const person of ["a@example.org", "b@example.org", "c@example.org"]) await ask(person);
    react = (to) => (to.startsWith("a") ? "unknown" : to.startsWith("b") ? "crash" : undefined);
    await expect(job().run(signal)).rejects.toThrow("the process ended");
    expect(await states()).toEqual(["unknown", "handed over", "waiting"]);
    react = () => undefined;
    await job().run(signal);
    expect(taken).toEqual(["c@example.org"]);
    expect(await states()).toEqual(["unknown", "unknown", "sent"]);
  });

  /** Has the disk refuse every change of a message; resolves to what makes room again. */
  async function fillDisk(): Promise<() => Promise<void>> {
    await database.orm.execute(sql`
      create function pg_temp.full_disk() returns trigger language plpgsql as
        $$ begin raise exception 'no space left on device' using errcode = '53100'; end $$`);
    await database.orm.execute(sql`
      create trigger full_disk before update on mail_outbox execute function pg_temp.full_disk()`);
    return async () => {
      await database.orm.execute(sql`drop trigger full_disk on mail_outbox`);
      await database.orm.execute(sql`drop function pg_temp.full_disk`);
    };
  }

  test.each<readonly [what: string, Reaction, taken: readonly string[], states: readonly string[]]>([
    [
      "was not taken goes out when both have room",
      "unreachable",
      ["a@example.org", "b@example.org"],
      ["sent", "sent"],
    ],
    ["a server may have taken is not sent again", "unknown", ["b@example.org"], ["unknown", "sent"]],
  ])("while the database could not write, one that %s", async (_, reaction, wanted, after) => {
    for (const person of ["a@example.org", "b@example.org"]) await ask(person);
    let makeRoom = async () => {};
    react = async (): Promise<Reaction> => {
      makeRoom = await fillDisk();
      return reaction;
    };
    // The same process goes on, and knows which messages nobody can have taken.
    const own = job();
    await expect(own.run(signal)).rejects.toThrow();
    expect(await states()).toEqual(["handed over", "waiting"]);
    await makeRoom();
    react = () => undefined;
    await own.run(signal);
    expect(taken).toEqual(wanted);
    expect(await states()).toEqual(after);
  });

  test("a recipient who cannot be reached now is tried again later, and others do not wait", async () => {
    for (const person of ["full@example.org", "b@example.org", "nobody@example.org"]) await ask(person);
    react = (to) => (to.startsWith("full") ? "later" : to.startsWith("nobody") ? "refused" : undefined);
    await job().run(signal);
    expect(taken).toEqual(["b@example.org"]);
    expect(await states()).toEqual(["waiting", "sent", "failed"]);
    react = () => undefined;
    await job().run(signal);
    expect(taken).toEqual(["b@example.org"]);
    now += MINUTE;
    await job().run(signal);
    expect(taken).toEqual(["b@example.org", "full@example.org"]);
  });

  test("a run is asked for when the next try is due, and none where one is scheduled before", async () => {
    for (const person of ["a@example.org", "full@example.org"]) await ask(person, 48 * 60);
    react = (to) => (to.startsWith("full") ? "later" : undefined);
    for (let tries = 0; tries < 6; tries++) {
      await job().run(signal);
      now += 30 * MINUTE;
    }
    expect(asked).toEqual([60, 140, 323, 748]);
    await job().run(signal);
    react = () => undefined;
    now += 180 * MINUTE;
    await job().run(signal);
    expect([await states(), asked.length]).toEqual([["sent", "sent"], 4]);
  });

  test("one that is not taken now is tried again 8 times, from a minute to six hours apart, and then given up", async () => {
    await ask("full@example.org", 48 * 60);
    react = () => "later";
    const waits: number[] = [];
    let last = now;
    for (let tries = 0; tries < 9; tries++) {
      await job().run(signal);
      const [{ state, attempts, nextAt }] = await database.orm.select().from(mailOutbox);
      expect([state, attempts]).toEqual(tries < 8 ? ["waiting", tries + 1] : ["failed", 8]);
      if (state === "failed") break;
      waits.push((nextAt.getTime() - last) / MINUTE);
      // Not a moment sooner.
      now = nextAt.getTime() - 1;
      await job().run(signal);
      last = now = nextAt.getTime();
    }
    expect(refusals).toHaveLength(9);
    expect(waits).toHaveLength(8);
    expect([waits[0], waits[7]]).toEqual([1, 360]);
    for (let i = 1; i < 8; i++) expect(waits[i] / waits[i - 1]).toBeCloseTo(360 ** (1 / 7), 4);
  });

  test("two hours without a server lose nothing, and each message is sent once after", async () => {
    const people = Array.from({ length: 12 }, (_, i) => `reader${i}@example.org`);
    for (const recipient of people)
      await queueMail(database.orm, {
        ...{ recipient, kind: "confirm", from: new Date(now), expiresAt: new Date(now + 48 * 60 * MINUTE) },
        details: {
          ...{ subscription: "s", origin: "https://papers.example.org", choices: usualChoices },
          consent: { at: "", network: "", text: "" },
        },
      });
    react = () => "unreachable";
    for (let minutes = 0; minutes <= 120; minutes += 15) {
      await expect(job().run(signal)).rejects.toThrow("unreachable");
      now += 15 * MINUTE;
    }
    expect([taken, await states()]).toEqual([[], people.map(() => "waiting")]);
    react = () => undefined;
    for (let i = 0; i < 3; i++) await job().run(signal);
    expect(taken).toEqual(people);
    expect(await states()).toEqual(people.map(() => "sent"));
  });

  test("a digest whose hand-over was cut off is sent again, and not when the journal has it", async () => {
    for (const person of ["a@example.org", "b@example.org", "c@example.org"]) await askDigest(person);
    react = (to) => (to.startsWith("a") ? "crash" : undefined);
    await expect(job().run(signal)).rejects.toThrow("the process ended");
    react = (to) => (to.startsWith("b") ? "crash after" : undefined);
    await expect(job().run(signal)).rejects.toThrow("the process ended");
    expect(await states()).toEqual(["sent", "handed over", "handed over"]);
    // What the next process reads is the file.
    journal.close();
    journal = openJournal(join(folder, "journal"));
    react = () => undefined;
    await job().run(signal);
    expect(taken).toEqual(["a@example.org", "b@example.org", "c@example.org"]);
    expect(await states()).toEqual(["sent", "sent", "sent"]);
  });

  test("of digests that are taken at once, those behind a closed door keep their places", async () => {
    const people = [..."abcdefghij"].map((name) => `${name}@example.org`);
    for (const person of people) await askDigest(person);
    react = (to) => (to.startsWith("e") ? "later" : to.startsWith("g") ? "unreachable" : undefined);
    await expect(job().run(signal)).rejects.toThrow("unreachable");
    const sent = (to: string) => taken.filter((one) => one === to).length;
    expect(people.map(sent)).toEqual([1, 1, 1, 1, 0, 1, 0, 0, 0, 0]);
    const waits = people.map((_, i) => (sent(people[i]) ? "sent" : "waiting"));
    expect(await states()).toEqual(waits);
    react = () => undefined;
    now += MINUTE;
    await job().run(signal);
    expect(people.map(sent)).toEqual(people.map(() => 1));
    expect(await states()).toEqual(people.map(() => "sent"));
  });

  test("a person who waits for a link does not wait for digests", async () => {
    for (const person of ["a@example.org", "b@example.org"]) await askDigest(person);
    await ask("c@example.org");
    await job().run(signal);
    expect(taken).toEqual(["c@example.org", "a@example.org", "b@example.org"]);
  });

  test("an address that gets no mail gets none but the message by which it may get mail again", async () => {
    await ask("bounced@example.org");
    await askDigest("bounced@example.org");
    await queueMail(database.orm, {
      ...{
        recipient: "bounced@example.org",
        kind: "confirm",
        from: new Date(now),
        expiresAt: new Date(now + MINUTE),
      },
      details: {
        ...{
          subscription: "s",
          origin: "https://papers.example.org",
          choices: usualChoices,
        },
        consent: { at: "", network: "", text: "" },
      },
    });
    await job().run(signal);
    expect(taken).toEqual(["bounced@example.org"]);
    expect(await states()).toEqual(["expired", "expired", "sent"]);
  });

  test("what a server says of a recipient is told, and nothing where it hangs up", async () => {
    for (const person of ["nobody@example.org", "full@example.org", "silent@example.org"]) await ask(person);
    react = (to) => (to.startsWith("full") ? "later" : to.startsWith("silent") ? "silence" : "refused");
    await job().run(signal);
    expect(refusals).toEqual([
      ["nobody@example.org", "5.1.1", true],
      ["full@example.org", "4.2.2", false],
    ]);
  });

  /** Makes all messages some minutes older. */
  const age = (minutes: number) =>
    database.orm.execute(
      sql`update mail_outbox set created_at = created_at - make_interval(mins => ${minutes}::int)`,
    );

  test("who asks too often is told how long to wait, by the limit that ends last", async () => {
    expect(await ask("a@example.org")).toBeUndefined();
    const again = await ask("a@example.org");
    expect(again?.recent).toBe(true);
    expect(again?.seconds).toBeGreaterThan(0);
    expect(again?.seconds).toBeLessThanOrEqual(60);
    expect(await ask("b@example.org")).toBeUndefined();
    for (let i = 1; i < 5; i++) {
      await age(2);
      expect(await ask("a@example.org")).toBeUndefined();
    }
    await age(2);
    // The first of five is ten minutes old.
    const tooMany = await ask("a@example.org");
    expect(tooMany?.recent).toBe(false);
    expect(Math.ceil((tooMany?.seconds ?? 0) / 60)).toBe(50);
    expect(await states()).toHaveLength(6);
  });

  test("one that is of no use any more is not sent, and is forgotten a day later", async () => {
    await ask("a@example.org", 10);
    now += 10 * MINUTE;
    await job().run(signal);
    expect(await states()).toEqual(["expired"]);
    now += 25 * 60 * MINUTE;
    await job().run(signal);
    expect(await states()).toEqual([]);
    expect(taken).toEqual([]);
  });
});
