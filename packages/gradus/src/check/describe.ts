/** A value as an error message shows it: numbers as they are, text in quotes, anything else by its type. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return String(value);
  if (ArrayBuffer.isView(value) || Array.isArray(value))
    return `${value.constructor.name} of length ${"length" in value ? value.length : value.byteLength}`;
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return name && name !== "Object"
    ? `an object of class ${name}`
    : `an object with keys ${Object.keys(value).join(", ") || "(none)"}`;
}

/** `"a", "b" or "c"`. */
export function alternatives(choices: readonly (string | number)[]): string {
  const quoted = choices.map((choice) => shown(choice));
  return quoted.length < 2
    ? quoted.join("")
    : `${quoted.slice(0, -1).join(", ")} or ${quoted[quoted.length - 1]}`;
}
