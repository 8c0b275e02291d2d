import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { unfitForLog } from "./log-scan.ts";

const line = (fields: object) => JSON.stringify({ time: "2025-12-25T12:00:00.000Z", ...fields });
const ID = "5f3a1c9e-8b7d-4e21-9c64-0a1b2c3d4e5f";
const bytes = createHash("sha256").update("a token").digest();

test("what the server writes may stand in its log", () => {
  const log = [
    "gradus: loaded 21 seed papers (12 runnable), database /tmp/gradus-site-a1B2c3/database",
    "gradus: http://localhost:40123",
    "gradus: process 4711 ended without closing the database; it was recovered",
    line({ id: ID, method: "GET", route: "/papers/[...id]", status: 200, ms: 3.1, bytes: 12_345 }),
    line({ level: "error", reference: "1a2b3c4d", message: "connect ECONNREFUSED 127.0.0.1:5432" }),
    line({ message: "there is no paper gradient-normalized-smoothness" }),
    line({ at: "at answered (chunks/endpoint-DkX82jHs.js:12:5) at async handle (handler.js:1:2)" }),
  ];
  expect(unfitForLog(log.join("\n"))).toEqual([]);
});

test("addresses, cookies, tokens and secrets are found wherever they stand", () => {
  const secret = "a short secret";
  const wrong = [
    line({ message: "sent to reader@example.org" }),
    line({ from: "198.51.100.7" }),
    line({ from: "2001:db8:7:7::1" }),
    line({ message: "Cookie: theme=dark" }),
    line({ message: "authorization" }),
    line({ message: "postgres://gradus:hush@localhost/gradus" }),
    line({ id: ID, route: `/u/${bytes.toString("base64url")}` }),
    line({ message: bytes.toString("base64") }),
    line({ message: bytes.toString("hex") }),
    line({ message: ID }),
    line({ message: `it was ${secret}` }),
  ];
  expect(unfitForLog([line({ status: 200 }), ...wrong].join("\n"), [secret])).toEqual(wrong);
});
