/** Columns of a message in plain text. */
const COLUMNS = 76;

/** Text in lines of at most 76 characters, broken at spaces that break; a longer word, such as a link, has a line of its own. */
export function wrapped(text: string, indent = ""): string {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ").filter(Boolean)) {
      const longer = line ? `${line} ${word}` : word;
      if (line && [...indent, ...longer].length > COLUMNS) {
        lines.push(indent + line);
        line = word;
      } else line = longer;
    }
    lines.push(line ? indent + line : "");
  }
  return lines.join("\n");
}
