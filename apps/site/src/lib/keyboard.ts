/** What single keys do. */
export type KeyAction =
  | "search"
  | "down"
  | "up"
  | "open"
  | "run"
  | "save"
  | "read"
  | "vote"
  | "previous"
  | "next"
  | "trending"
  | "help";

/** The keys, in the order in which the help lists them. */
export const keys: readonly { readonly key: string; readonly action: KeyAction; readonly says: string }[] = [
  { key: "/", action: "search", says: "search" },
  { key: "j", action: "down", says: "next paper" },
  { key: "k", action: "up", says: "previous paper" },
  { key: "o", action: "open", says: "open the paper (or Enter)" },
  { key: "r", action: "run", says: "run its claims" },
  { key: "s", action: "save", says: "save it, or remove it from saved" },
  { key: "m", action: "read", says: "mark it as read, or unread" },
  { key: "v", action: "vote", says: "vote for it, or withdraw your vote" },
  { key: "[", action: "previous", says: "earlier day, week or month" },
  { key: "]", action: "next", says: "later day, week or month" },
  { key: "t", action: "trending", says: "trending papers" },
  { key: "?", action: "help", says: "show this list" },
];

/** Where a browser keeps that its reader wants no single keys. */
export const KEYS_SETTING = "gradus.keys";

/** Whether the reader wants single keys; a browser that stores nothing has them. */
export function wantsKeys(): boolean {
  try {
    return localStorage.getItem(KEYS_SETTING) !== "off";
  } catch {
    return true;
  }
}

/** Whether keys belong to the field that has the focus. */
export function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null
  );
}

/** The part of a `KeyboardEvent` that is looked at. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly defaultPrevented: boolean;
}

/** What a key does outside of fields; undefined for keys that are the browser's own. */
export function keyAction({
  key,
  ctrlKey,
  metaKey,
  altKey,
  defaultPrevented,
}: KeyPress): KeyAction | undefined {
  // "[" needs Alt Gr on many keyboards, which reads as Control and Alt together.
  const altGraph = ctrlKey && altKey && (key === "[" || key === "]");
  if (defaultPrevented || metaKey || ((ctrlKey || altKey) && !altGraph)) return undefined;
  return keys.find((entry) => entry.key === key)?.action;
}

/** Index of the entry that is gone to from the `current` one (-1 for none), of `count`. */
export function entryAfter(current: number, action: "down" | "up", count: number): number {
  if (current < 0) return 0;
  return Math.min(count - 1, Math.max(0, current + (action === "down" ? 1 : -1)));
}
