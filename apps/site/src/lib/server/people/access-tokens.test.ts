import { expect, test } from "vitest";
import { tokenScopes } from "../database/schema/index.ts";
import { scopesFor } from "./access-tokens.ts";

test("only operators' tokens may operate the site", () => {
  expect(scopesFor({ role: "reader" })).toEqual(tokenScopes.filter((scope) => scope !== "operator"));
  for (const role of ["moderator", "administrator"] as const)
    expect(scopesFor({ role })).toEqual(tokenScopes);
});
