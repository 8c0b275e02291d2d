import type { Page } from "playwright-core";
import { expect } from "vitest";
import { origin } from "./shared.ts";
import { violations } from "./violations.ts";
import { fits } from "./visit.ts";

export const MILLISECONDS = 240_000;
export const address = new URL("/model", origin);

/** The card with a heading of this id. */
export const card = (page: Page, id: string) => page.locator("section", { has: page.locator(`#${id}`) });

/** Chooses a model's file. */
export const choose = (page: Page, name: string, buffer: Buffer) =>
  page.getByLabel("ONNX file").setInputFiles({ name, mimeType: "application/octet-stream", buffer });

/** Nothing is wrong in light and dark, and nothing is cut off on a narrow phone. */
export async function expectInOrder(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 320, height: 800 });
  expect(await fits(page)).toBe(true);
  await page.setViewportSize({ width: 1280, height: 800 });
}
