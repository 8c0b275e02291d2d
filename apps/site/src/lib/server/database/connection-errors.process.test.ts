import postgres from "postgres";
import { expect, test } from "vitest";
import { connect } from "./connect.ts";
import { DatabaseTimeoutError, isConnectionError } from "./connection-errors.ts";
import { openEmpty } from "./testing.ts";

test("a refused connection, as the driver tells it, is the connection's failure", async () => {
  const client = postgres("postgres://127.0.0.1:1/none", { max: 1, connect_timeout: 5 });
  const error: unknown = await client`select 1`.catch((failure: unknown) => failure);
  await client.end();
  expect(isConnectionError(error)).toBe(true);
  expect(isConnectionError(new Error("Failed query", { cause: error }))).toBe(true);
});

test("a site that finds no server at its start says so, without the password", async () => {
  const opening = connect("postgres://me:hush@127.0.0.1:1/papers");
  await expect(opening).rejects.toThrow(/^cannot reach the database 127\.0\.0\.1:1\/papers: connect/);
});

test.each([
  "postgers://me:hush@localhost/x",
  "postgres://me:hu/sh@localhost/x",
  "http://me:hush@localhost/x",
])("%s is no URL of a server, which is said without the password", async (url) => {
  const error: unknown = await connect(url).catch((failure: unknown) => failure);
  expect(String(error)).toContain("DATABASE_URL must be a URL such as postgres://user:password@localhost");
  expect(String(error)).not.toContain("me:");
});

test("a wrong statement is not", async () => {
  const database = await openEmpty();
  const error: unknown = await Promise.resolve(database.orm.execute("select no_such_column")).catch(
    (failure: unknown) => failure,
  );
  await database.close();
  expect(error).toBeInstanceOf(Error);
  expect(isConnectionError(error)).toBe(false);
});

test.each([
  ...["57P01", "57P03", "08006", "CONNECTION_CLOSED", "CONNECT_TIMEOUT", "EAI_AGAIN"],
  ...["53100", "53200", "53300"],
])("%s is", (code) => expect(isConnectionError(Object.assign(new Error("gone"), { code }))).toBe(true));
test.each(["42703", "23505", "22P02"])("%s is not", (code) =>
  expect(isConnectionError(Object.assign(new Error("wrong"), { code }))).toBe(false),
);
test("nor is anything else; silence is", () => {
  expect(isConnectionError(new Error("x"))).toBe(false);
  expect(isConnectionError("x")).toBe(false);
  expect(isConnectionError(new DatabaseTimeoutError("no answer"))).toBe(true);
});
