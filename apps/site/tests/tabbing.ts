// The Tab key's way through a page.
import type { Page } from "playwright-core";

/** What had the focus, and why a reader would not see that; no trouble where they do. */
export interface Focused {
  readonly name: string;
  readonly trouble: readonly string[];
}

/** Presses between looks at whether the focus has left. */
const LOOK_EVERY = 8;

/** Presses Tab until the focus leaves the page, `most` times at most; what had the focus after each press. */
export async function focusedElements(page: Page, most: number): Promise<Focused[]> {
  const look = await page.evaluateHandle(() => {
    const focused: Focused[] = [];
    const state = { focused, left: false };
    // A key is let go after what its press does: the focus has moved, and its element was scrolled into view.
    addEventListener(
      "keyup",
      ({ key }) => {
        const element = document.activeElement;
        if (key !== "Tab" || state.left) return;
        if (!element || element === document.body) {
          state.left = true;
          return;
        }
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const { top, left, bottom, right, width, height } = element.getBoundingClientRect();
        const trouble = [
          // The button inside a field for dates has the browser's own.
          !element.matches("input[type=date]") &&
            (outlineStyle === "none" || outlineWidth === "0px") &&
            "has no outline",
          (width === 0 || height === 0) && "has no size",
          (bottom <= 0 || right <= 0 || top >= innerHeight || left >= innerWidth) && "is out of sight",
        ].filter((words) => typeof words === "string");
        focused.push({ name: `${element.tagName} ${element.textContent?.trim().slice(0, 40)}`, trouble });
      },
      true,
    );
    return state;
  });
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press("Tab");
    if (presses % LOOK_EVERY === 0 && (await look.evaluate(({ left }) => left))) break;
  }
  return look.evaluate(({ focused }) => focused);
}
