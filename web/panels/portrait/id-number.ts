/**
 * What an identity number (GB 11643) says, so that a slip of the hand is seen while the card is
 * still at hand; the centre checks it again and has the last word.
 */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECKS = '10X98765432'

export type IdNumber =
  | { ok: true; number: string; born: string; sex: 'male' | 'female' }
  | { ok: false; code: string; detail: string }

export function readIdNumber(text: string): IdNumber {
  const number = text.trim().toUpperCase()
  const wrong = (code: string, detail: string): IdNumber => ({ ok: false, code, detail })
  if (number.length !== 18) return wrong('id_length', String(number.length))
  for (let place = 1; place <= 18; place += 1) {
    const allowed = place === 18 ? /[0-9X]/ : /[0-9]/
    if (!allowed.test(number.charAt(place - 1))) return wrong('id_digit', String(place))
  }
  const born = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`
  const day = new Date(`${born}T00:00:00Z`)
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== born)
    return wrong('id_birth_date', born)
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(number[i]), 0)
  const expected = CHECKS.charAt(sum % 11)
  if (number.charAt(17) !== expected)
    return wrong('id_check_digit', `18: ${number.charAt(17)} ≠ ${expected}`)
  return { ok: true, number, born, sex: Number(number[16]) % 2 === 1 ? 'male' : 'female' }
}
