import { expect, test } from "vitest";
import type { SubscriptionChoices } from "../database/schema/index.ts";
import {
  givenChoices,
  messagesOf,
  readTyped,
  type TypedChoices,
  typedFrom,
  usualChoices,
} from "./choices.ts";

const typed = (fields: Partial<TypedChoices>) => readTyped({ ...typedFrom(usualChoices), ...fields });

test("what the form shows of choices is read as the same choices", () => {
  const weekly: SubscriptionChoices = {
    ...usualChoices,
    cadence: "weekly",
    ...{ weekday: 3, hour: 0, tz: "Asia/Kathmandu", topics: ["convex"] },
    ...{ keywords: ["hessian -sketching", '"mirror descent"'], minVotes: 2, maxItems: 100 },
  };
  for (const choices of [usualChoices, weekly]) expect(readTyped(typedFrom(choices))).toEqual({ choices });
});

test("keywords are one on each line, normalized, and each once", () => {
  expect(typed({ keywords: " a  b \r\n\n\u200bhessian\nhessian" })).toMatchObject({
    choices: { keywords: ["a b", "hessian"] },
  });
});

test.each([
  ["cadence", "hourly"],
  ["hour", "24"],
  ["hour", "-1"],
  ["hour", "７"],
  ["weekday", "8"],
  ["tz", "Mars/Olympus"],
  ["keywords", "-only"],
  ["keywords", "x".repeat(251)],
  ["keywords", Array.from({ length: 21 }, (_, i) => `word${i}`).join("\n")],
  ["min_votes", "1e3"],
  ["max_papers", "0"],
  ["max_papers", "1.5"],
])("%s “%s” is refused beside its field", (field, value) => {
  const read = typed({ [field]: value });
  expect("messages" in read && Object.keys(read.messages)).toEqual([field]);
});

test("of a program every wrong value is named, and no number is infinite", () => {
  const result = givenChoices.safeParse({
    hour: Number.POSITIVE_INFINITY,
    min_votes: "3",
    topics: "convex",
    tz: null,
  });
  expect(result.error && Object.keys(messagesOf(result.error)).sort()).toEqual([
    "hour",
    "min_votes",
    "topics",
    "tz",
  ]);
});
