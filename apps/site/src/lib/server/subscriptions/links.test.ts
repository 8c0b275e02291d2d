import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { keyFor } from "../secrets.ts";
import { subscriptionLinks } from "./links.ts";

const ID = "0b5d2f6e-93a1-4c6f-8a55-0f6f3a2b1c4d";
const environment = (values: Readonly<Record<string, string>> = {}) => values as NodeJS.ProcessEnv;

test("a token names its key and its subscription, and holds the code that RFC 2104 gives", () => {
  const token = subscriptionLinks(environment()).preferences(ID);
  const key = keyFor(environment(), "subscriptions 1");
  expect(token).toBe(`v1.${ID}.${createHmac("sha256", key).update(`unsub|${ID}`).digest("base64url")}`);
});

test("after a rotation old tokens are read, and new ones are made with the new key", () => {
  const [first, second] = [
    subscriptionLinks(environment()),
    subscriptionLinks(environment({ GRADUS_MAIL_KEY: "2" })),
  ];
  expect(second.preferences(ID)).toMatch(/^v2\./);
  for (const links of [first, second]) expect(second.readPreferences(links.preferences(ID))).toBe(ID);
  expect(first.readPreferences(second.preferences(ID))).toBeUndefined();
});

test("no other text is a token, and no token serves another purpose or subscription", () => {
  const links = subscriptionLinks(environment());
  const token = links.preferences(ID);
  const other = ID.replace("0b5d", "0b5e");
  const forged = [
    ...["", "v1", token.slice(0, -1), `${token}a`, token.replace("v1", "v0"), token.replace("v1", "v2")],
    ...[
      token.replace(ID, other),
      token.toUpperCase(),
      `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`,
    ],
    ...[`v1.${ID}.${"A".repeat(43)}`, `v99999999999999999999.${ID}.${token.split(".")[2]}`],
  ];
  for (const text of forged) expect(links.readPreferences(text), text).toBeUndefined();
});

test.each(["0", "-1", "1.5", "x", "100000"])("%s is no number of a key", (number) => {
  expect(() => subscriptionLinks(environment({ GRADUS_MAIL_KEY: number }))).toThrow(
    "GRADUS_MAIL_KEY must be",
  );
});
