/** An answer is longer than it may be. */
export class TooLongError extends Error {
  override readonly name = "TooLongError";
}

/**
 * The body of a response as text. Bytes that are no UTF-8 become U+FFFD.
 *
 * @throws TooLongError when it has more than `most` bytes; no more of it is read then
 */
export async function readBody(response: Response, most: number): Promise<string> {
  const parts: string[] = [];
  const decoder = new TextDecoder();
  let length = 0;
  if (!response.body) return "";
  // Leaving the loop cancels the stream.
  for await (const part of response.body) {
    length += part.length;
    if (length > most) throw new TooLongError(`the answer has more than ${most} bytes`);
    parts.push(decoder.decode(part, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join("");
}
