/**
 * What tells the outcome of a form, but for messages that every page has: what is wrong before anything else, because a
 * page may have a status without any form.
 */
const ANSWERS = ["[role=alert]", "[role=status], [data-answer]"];

/** Moves the focus to the first field that a form's answer calls wrong, or else to the answer. */
export function focusAnswer(): void {
  const main = document.querySelector("main");
  const wrong = main?.querySelector<HTMLElement>("[aria-invalid=true]");
  if (wrong) {
    wrong.focus();
    return;
  }
  const answer = ANSWERS.flatMap((selector) => [
    ...(main?.querySelectorAll<HTMLElement>(selector) ?? []),
  ]).find((element) => element.textContent.trim() !== "");
  if (!answer) return;
  answer.dataset.answer = "";
  answer.tabIndex = -1;
  answer.focus();
}
