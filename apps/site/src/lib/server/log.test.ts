import { DrizzleQueryError } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accountInLog, errorFields, failureMessage, logLine, redacted } from "./log.ts";

test("a line is one JSON object, whatever the fields hold", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const line = logLine({ route: text }, new Date(0));
      expect(line).not.toContain("\n");
      expect(JSON.parse(line)).toEqual({ time: "1970-01-01T00:00:00.000Z", route: text });
    }),
    { seed: 1 },
  );
});

test("addresses and tokens are masked", () => {
  fc.assert(
    fc.property(fc.emailAddress(), fc.uuid(), (address, id) => {
      const text = redacted(`sent to ${address} with ${id.replaceAll("-", "")} at last`);
      expect(text).not.toContain(address);
      expect(text).not.toContain(id.replaceAll("-", ""));
      expect(text).toMatch(/^sent to .* at last$/);
    }),
    { seed: 1 },
  );
});

test("of a failed statement only the code is kept: its message quotes values", () => {
  const cause = Object.assign(new Error('Key (email)=(reader@example.org) already exists, "secret"'), {
    code: "23505",
    constraint_name: "users_email_key",
    detail: "reader@example.org",
  });
  const error = new Error("Failed query: insert ... params: reader@example.org", { cause });
  const line = logLine(errorFields(error));
  expect(line).not.toContain("reader");
  expect(line).not.toContain("secret");
  expect(JSON.parse(line)).toMatchObject({ code: "23505", constraint: "users_email_key" });
});

test("a failure of our own says what happened and where", () => {
  const fields = errorFields(new TypeError("x is not a function"));
  expect(fields).toMatchObject({ error: "TypeError", message: "x is not a function" });
  expect(fields.at).toContain("log.test.ts");
  expect(errorFields("thrown text")).toEqual({ error: "string" });
});

test("an account is a short keyed hash, the same in each line and another under another key", () => {
  const [id, key] = ["5f3a1c9e-8b7d-4e21-9c64-0a1b2c3d4e5f", Buffer.alloc(32, 1)];
  expect(accountInLog(id, key)).toMatch(/^[0-9a-f]{12}$/);
  expect(accountInLog(id, key)).toBe(accountInLog(id, key));
  expect(accountInLog(id, Buffer.alloc(32, 2))).not.toBe(accountInLog(id, key));
  expect(accountInLog(crypto.randomUUID(), key)).not.toBe(accountInLog(id, key));
});

describe("why a server cannot start", () => {
  test("is told of a statement by what the database says, without its values", () => {
    const said = new Error('relation "nowhere" does not exist');
    const failure = new DrizzleQueryError("select $1 from nowhere", ["ada@example.org"], said);
    expect(failureMessage(failure)).toBe('a statement failed: relation "nowhere" does not exist');
  });

  test("is otherwise told as it is", () => {
    expect(failureMessage(new Error("port 80 is in use", { cause: new Error("EADDRINUSE") }))).toBe(
      "port 80 is in use",
    );
    expect(failureMessage("no")).toBe("no");
  });
});
