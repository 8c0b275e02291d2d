import { expect, test } from "vitest";
import { usualChoices } from "../subscriptions/choices.ts";
import { mergedChoices } from "./move-subscription.ts";

const choices = (topics: string[], keywords: string[]) => ({ ...usualChoices, topics, keywords });

test("two subscriptions in one follow what either does", () => {
  expect(
    mergedChoices(
      { ...choices(["convex", "generative"], ["adam"]), minVotes: 3, maxItems: 10 },
      { ...choices(["generative"], ["hessian", "adam"]), minVotes: 1, maxItems: 5 },
    ),
  ).toEqual({ topics: ["convex", "generative"], keywords: ["adam", "hessian"], minVotes: 1, maxItems: 10 });
});

test("with one that sends everything they send everything", () => {
  const all = choices([], []);
  const some = choices(["convex"], ["adam"]);
  for (const merged of [mergedChoices(all, some), mergedChoices(some, all)])
    expect(merged).toMatchObject({ topics: [], keywords: [] });
});

test("keywords that are too many are left out, the account's own last", () => {
  const words = (name: string) => Array.from({ length: 15 }, (_, i) => `${name} ${i}`);
  const { keywords } = mergedChoices(choices([], words("own")), choices([], words("other")));
  expect(keywords).toEqual([...words("own"), ...words("other").slice(0, 5)]);
});
