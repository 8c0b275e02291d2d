import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { keyFor } from "../secrets.ts";
import { returnAddresses } from "./return-addresses.ts";

const ID = "0b5d2f6e-93a1-4c6f-8a55-0f6f3a2b1c4d";
const PLAIN = "0b5d2f6e93a14c6f8a550f6f3a2b1c4d";
const DOMAIN = "papers.example.org";
const open = (values: Readonly<Record<string, string>> = {}) =>
  returnAddresses(values as NodeJS.ProcessEnv, DOMAIN);

test("addresses have the codes that RFC 2104 gives, and are read whatever their case and domain", () => {
  const addresses = open({ GRADUS_MAIL_INCOMING: "In.Box@mx.example.org" });
  const key = keyFor({} as NodeJS.ProcessEnv, "subscriptions 1");
  const code = (text: string) => createHmac("sha256", key).update(text).digest("hex").slice(0, 16);
  expect(addresses.ofSubscription(ID)).toBe(`in.box+${PLAIN}.${code(`return|${ID}`)}@mx.example.org`);
  expect(addresses.ofMessage(47)).toBe(`in.box+m47.${code("message|47")}@mx.example.org`);
  expect(addresses.toUnsubscribe(ID)).toBe(`in.box+u${PLAIN}.${code(`mailto|${ID}`)}@mx.example.org`);
  expect(open().ofSubscription(ID)).toMatch(/^bounce\+.*@papers\.example\.org$/);
  expect(open().toUnsubscribe(ID)).toBeUndefined();
  for (const change of [
    (text: string) => text,
    (text: string) => text.toUpperCase().replace("MX.", "OLD."),
  ]) {
    expect(addresses.read(change(addresses.ofSubscription(ID)))).toEqual({ kind: "subscription", id: ID });
    expect(addresses.read(change(addresses.ofMessage(47)))).toEqual({ kind: "message", id: 47 });
    expect(addresses.read(change(addresses.toUnsubscribe(ID) ?? ""))).toEqual({
      kind: "unsubscribe",
      id: ID,
    });
  }
});

test("a name before the @ has at most 64 characters, whatever the setting allows", () => {
  const addresses = open({ GRADUS_MAIL_INCOMING: `${"x".repeat(13)}@example.org` });
  for (const address of [addresses.toUnsubscribe(ID) ?? "", addresses.ofMessage(10 ** 15 - 1)])
    expect(address.indexOf("@")).toBeLessThanOrEqual(64);
});

test("nothing that the site did not make is read, and no code serves another purpose or subject", () => {
  const addresses = open({ GRADUS_MAIL_INCOMING: `bounce@${DOMAIN}` });
  const [own, message, end] = [
    addresses.ofSubscription(ID),
    addresses.ofMessage(4),
    addresses.toUnsubscribe(ID),
  ];
  for (const forged of [
    own.replace("0b5d", "0b5e"),
    own.replace("+", "+u"),
    end?.replace("+u", "+") ?? "",
    message.replace("m4.", "m5."),
    own.replace(/.@/, (last) => (last === "0@" ? "1@" : "0@")),
  ])
    expect(addresses.read(forged), forged).toBe("forged");
  for (const other of [
    "",
    "bounce@x.org",
    `bounce+@${DOMAIN}`,
    own.replace("@", "0@"),
    own.split("@")[0],
    "a+b@c",
  ])
    expect(addresses.read(other), other).toBeUndefined();
  const next = open({ GRADUS_MAIL_KEY: "2" });
  expect(next.read(own)).toEqual({ kind: "subscription", id: ID });
  expect(addresses.read(next.ofSubscription(ID))).toBe("forged");
});
