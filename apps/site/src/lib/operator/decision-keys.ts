import type { KeyPress } from "#lib/keyboard.ts";

/** What can be decided of a paper that came, with the key that does it, and how to say that it was done. */
export const decisionKeys = [
  { decision: "feature", key: "f", label: "Feature", done: "Featured" },
  { decision: "unfeature", key: "u", label: "Unfeature", done: "Unfeatured" },
  { decision: "hide", key: "x", label: "Hide", done: "Hid" },
  { decision: "restore", key: "x", label: "Restore", done: "Restored" },
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

interface Decided {
  readonly title: string;
  readonly state: "waiting" | "featured" | "hidden";
}

/**
 * What a decision did and which paper is next, for those who do not see it; undefined where the paper is not as the
 * decision leaves it, because somebody has decided otherwise since.
 */
export function outcomeWords(
  decision: DecisionKey["decision"],
  { title, state }: Decided,
  next: string | undefined,
): string | undefined {
  const left: Readonly<Record<typeof decision, readonly Decided["state"][]>> = {
    feature: ["featured"],
    unfeature: ["waiting"],
    hide: ["hidden"],
    restore: ["waiting", "featured"],
  };
  const did = decisionKeys.find((one) => one.decision === decision);
  if (!did || !left[decision].includes(state)) return undefined;
  return `${did.done} ${title}.${next === undefined ? "" : ` Next: ${next}.`}`;
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
