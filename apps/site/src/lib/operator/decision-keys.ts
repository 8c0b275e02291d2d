import type { KeyPress } from "#lib/keyboard.ts";

/** What can be decided of a paper that came, with the key that does it. */
export const decisionKeys = [
  { decision: "feature", key: "f", label: "Feature" },
  { decision: "unfeature", key: "u", label: "Unfeature" },
  { decision: "hide", key: "x", label: "Hide" },
  { decision: "restore", key: "x", label: "Restore" },
] as const;

export type DecisionKey = (typeof decisionKeys)[number];

/** The decisions that are open for a paper, in the order of their buttons. */
export function decisionsOn({
  state,
  refusal,
}: {
  readonly state: "waiting" | "featured" | "hidden";
  readonly refusal: string | undefined;
}): readonly DecisionKey[] {
  const open: Readonly<Record<typeof state, readonly DecisionKey["decision"][]>> = {
    waiting: refusal === undefined ? ["feature", "hide"] : ["hide"],
    featured: ["unfeature", "hide"],
    hidden: ["restore"],
  };
  return decisionKeys.filter(({ decision }) => open[state].includes(decision));
}

/** The key that was pressed, where it is one that decides. */
export function decisionKey({
  key,
  ctrlKey,
  metaKey,
  altKey,
  defaultPrevented,
}: KeyPress): string | undefined {
  if (ctrlKey || metaKey || altKey || defaultPrevented) return undefined;
  return decisionKeys.some((one) => one.key === key) ? key : undefined;
}
