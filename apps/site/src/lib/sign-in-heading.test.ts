import { expect, test } from "vitest";
import { signInHeading } from "./sign-in-heading.ts";

test.each([
  ["/submit", "Sign in to submit a paper"],
  ["/submit?paper=2412.08424", "Sign in to submit a paper"],
  ["/followed#top", "Sign in to follow authors and searches"],
  ["/administrator", "Sign in to become an administrator"],
  ["/submitted", "Sign in"],
  ["/papers", "Sign in"],
  ["/account", "Sign in"],
])("whoever returns to %s reads %j", (to, heading) => {
  expect(signInHeading(to)).toBe(heading);
});
