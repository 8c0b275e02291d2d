import { expect, test } from "vitest";
import { heldLinkMessage } from "./held-link.ts";

test("a reader is told when to ask again, and of a recent link that there is one", () => {
  const message = (seconds: number, recent: boolean) =>
    heldLinkMessage("ada@example.org", { seconds, recent });
  expect(message(40, true)).toBe(
    "No new message was sent: a link for ada@example.org was requested less than a minute ago. Use that one, or ask again in 40 seconds.",
  );
  expect(message(1, true)).toMatch(/ask again in 1 second\.$/);
  expect(message(1381, false)).toBe(
    "No message was sent: too many links were requested in the last hour. Ask again in 24 minutes.",
  );
});
