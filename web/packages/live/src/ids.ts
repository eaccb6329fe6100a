/** A UUIDv7: time first, so that ids sort by their making. */
export function uuid7(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let ms = Date.now()
  for (let i = 5; i >= 0; i--) {
    bytes[i] = ms % 256
    ms = Math.floor(ms / 256)
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}

const TABLET = 'gh.tablet'

/** By which its vehicle knows this browser again; one that keeps nothing is another with each page. */
export function tabletId(): string {
  try {
    const known = localStorage.getItem(TABLET)
    if (known !== null) return known
    const made = uuid7()
    localStorage.setItem(TABLET, made)
    return made
  } catch {
    return uuid7()
  }
}
