/**
 * Some bytes after one another in memory of their own, for what is kept: a small buffer is a part of a larger one, which it
 * would keep with all else that is in it.
 */
export function ownBuffer(...parts: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  const whole = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
