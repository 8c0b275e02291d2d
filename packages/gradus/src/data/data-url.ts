import { DataError } from "../check/errors.ts";

/**
 * The bytes of a data: URL, base64 or percent-encoded (bundlers inline small files as data: URLs).
 * Source: RFC 2397.
 *
 * @throws DataError when the URL has no comma or its base64 is invalid
 */
export function dataUrlBytes(url: URL): Uint8Array<ArrayBuffer> {
  const text = url.href;
  const comma = text.indexOf(",");
  if (comma < 0)
    throw new DataError(`a data: URL must have a comma before the data, got ${text.slice(0, 60)}`);
  const content = text.slice(comma + 1);
  if (!/;base64$/i.test(text.slice(0, comma))) return percentDecoded(content);
  let binary: string;
  try {
    binary = atob(decodeURIComponent(content));
  } catch (cause) {
    throw new DataError(`invalid base64 in a data: URL: ${text.slice(0, 60)}`, { cause });
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function percentDecoded(content: string): Uint8Array<ArrayBuffer> {
  const encoded = new TextEncoder().encode(content);
  const bytes = new Uint8Array(encoded.length);
  let length = 0;
  for (let i = 0; i < encoded.length; i++) {
    const pair = String.fromCharCode(encoded[i + 1], encoded[i + 2]);
    if (encoded[i] === 0x25 && /^[0-9a-f]{2}$/i.test(pair)) {
      bytes[length++] = Number.parseInt(pair, 16);
      i += 2;
    } else bytes[length++] = encoded[i];
  }
  return bytes.slice(0, length);
}
