/** Hands a text, or bytes, to the reader as a file. */
export function download(name: string, type: string, content: string | Uint8Array<ArrayBuffer>): void {
  const full = typeof content === "string" ? `${type};charset=utf-8` : type;
  const url = URL.createObjectURL(new Blob([content], { type: full }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the blob after this task.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
