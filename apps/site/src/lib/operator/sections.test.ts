import { expect, test } from "vitest";
import { operatorSections, sectionOf } from "./sections.ts";

test("a page is in the section with the longest path that leads to it", () => {
  expect(sectionOf("/operator")?.label).toBe("Overview");
  expect(sectionOf("/operator/jobs")?.label).toBe("Jobs");
  expect(sectionOf("/operator/jobs/mail")?.label).toBe("Jobs");
  expect(sectionOf("/operator/jobsworth")?.label).toBe("Overview");
  expect(sectionOf("/operators")).toBeUndefined();
  expect(sectionOf("/papers")).toBeUndefined();
});

test("every section is below the operator's address", () => {
  for (const { path } of operatorSections) expect(path).toMatch(/^\/operator(?:\/[a-z-]+)?$/);
});
