import { expect, test } from "vitest";
import { describeRefusal } from "./refusal-words.ts";

test.each([
  ["5.1.1", "no such mailbox (5.1.1)"],
  ["4.2.2", "mailbox full (4.2.2)"],
  ["5.7.26", "rejected by a policy (5.7.26)"],
  ["550", "permanent failure (550)"],
  ["451", "temporary failure (451)"],
  ["unreachable", "mail server unreachable"],
  ["later", "connection lost before the message was sent"],
  ["unknown", "connection lost before the answer"],
  [null, "no reason given"],
])("%s: %s", (refusal, words) => expect(describeRefusal(refusal)).toBe(words));
