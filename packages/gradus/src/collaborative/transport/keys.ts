import { DataError } from "../../check/errors.ts";

/** An Ed25519 key pair as text: the public key as 32 raw bytes, the private key as PKCS #8, both in base64. */
export interface SigningKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Signs bytes; the signature has 64 bytes. */
export type Sign = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;

/** Whether a signature of the bytes was made with the private key. */
export type Verify = (signature: Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>) => Promise<boolean>;

const ALGORITHM = "Ed25519";
/** Bytes of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64;

function toText(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

function fromText(name: string, text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new DataError(`${name} must be base64, got ${JSON.stringify(text.slice(0, 12))}…`, { cause });
  }
}

async function importKey(
  name: string,
  format: "raw" | "pkcs8",
  text: string,
  use: "sign" | "verify",
): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey(format, fromText(name, text), ALGORITHM, false, [use]);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`${name} must be an Ed25519 key, got other bytes`, { cause });
  }
}

/** Generates a key pair from the system's random number generator. */
export async function generateSigningKeys(): Promise<SigningKeys> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const [publicKey, privateKey] = await Promise.all([
    crypto.subtle.exportKey("raw", pair.publicKey),
    crypto.subtle.exportKey("pkcs8", pair.privateKey),
  ]);
  return { publicKey: toText(publicKey), privateKey: toText(privateKey) };
}

/**
 * A function that signs with a private key.
 *
 * @param privateKey PKCS #8 in base64
 * @throws DataError when the text is not a private key
 */
export async function signer(privateKey: string): Promise<Sign> {
  const key = await importKey("privateKey", "pkcs8", privateKey, "sign");
  return async (bytes) => new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, bytes));
}

/**
 * A function that verifies signatures with a public key.
 *
 * @param publicKey 32 bytes in base64
 * @throws DataError when the text is not a public key
 */
export async function verifier(publicKey: string): Promise<Verify> {
  const key = await importKey("publicKey", "raw", publicKey, "verify");
  return (signature, bytes) => crypto.subtle.verify(ALGORITHM, key, signature, bytes);
}
