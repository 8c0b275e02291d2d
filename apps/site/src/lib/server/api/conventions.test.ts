import { expect, test } from "vitest";
import { apiLimit } from "./conventions.ts";

test.each([
  [{}, 120],
  [{ GRADUS_API_LIMIT: "" }, 120],
  [{ GRADUS_API_LIMIT: "600" }, 600],
])("%j: %d requests", (environment, wanted) => expect(apiLimit(environment)).toBe(wanted));

test.each(["many", "0", "-1", "1.5", "1e3", " 5"])("GRADUS_API_LIMIT=%j is refused by name", (given) =>
  expect(() => apiLimit({ GRADUS_API_LIMIT: given })).toThrow(
    `GRADUS_API_LIMIT must be the number of API requests per minute, an integer from 1 to 999999999, got "${given}"`,
  ),
);
