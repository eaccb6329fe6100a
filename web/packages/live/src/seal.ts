/** Text sealed by AES-256-GCM in the browser's own cryptography, bound to the place where it lies. */

export interface Sealed {
  iv: Uint8Array<ArrayBuffer>
  data: ArrayBuffer
}

const IV_BYTES = 12
const bound = (iv: Uint8Array<ArrayBuffer>, place: string) => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(place),
})

/** Of 32 bytes as base64; no script can read them out of it again. */
export const sealingKey = (bytes: string): Promise<CryptoKey> =>
  crypto.subtle.importKey(
    'raw',
    Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0)),
    'AES-GCM',
    false,
    ['encrypt', 'decrypt'],
  )

export async function seal(text: string, place: string, key: CryptoKey): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const data = await crypto.subtle.encrypt(bound(iv, place), key, new TextEncoder().encode(text))
  return { iv, data }
}

/** Throws where another key, or another place, sealed it. */
export async function unseal({ iv, data }: Sealed, place: string, key: CryptoKey): Promise<string> {
  return new TextDecoder().decode(await crypto.subtle.decrypt(bound(iv, place), key, data))
}
