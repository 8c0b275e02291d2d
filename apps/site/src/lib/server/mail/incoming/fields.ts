/** Header fields by their names in lower case, each with its values in order. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** Reads header fields (RFC 5322, section 2.2) up to the first empty line; other lines are left out. */
export function readFields(text: string): Fields {
  const fields = new Map<string, string[]>();
  const [header] = text.replace(/^(?:[ \t]*\r?\n)+/, "").split(/\r?\n[ \t]*(?:\r?\n|$)/, 1);
  for (const line of header.split(/\r?\n(?![ \t])/)) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line
      .slice(colon + 1)
      .replace(/\r?\n[ \t]+/g, " ")
      .trim();
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  return fields;
}

/** The groups of fields of a report, which empty lines separate (RFC 3464, section 2.1). */
export function readGroups(text: string): Fields[] {
  return text
    .split(/\r?\n[ \t]*\r?\n/)
    .map(readFields)
    .filter(({ size }) => size > 0);
}

/** The first value of a field. */
export function firstOf(fields: Fields, name: string): string | undefined {
  return fields.get(name)?.[0];
}
