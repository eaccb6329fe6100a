/** Times and numbers as text. Everything is shown in Asia/Shanghai, 24 hours. */
import { clockTime, dayOf } from '@gh/i18n'

const DAY_MS = 86_400_000
/** China has kept one zone without summer time since 1992. */
const OFFSET_MS = 8 * 3_600_000

const two = (n: number) => String(n).padStart(2, '0')

export { clockTime, dayOf, dayTime, metres } from '@gh/i18n'

/** 14:32, Shanghai. */
export const hm = (ms: number): string => clockTime(ms).slice(0, 5)

/** 14:32 today, else with its day: 11-27 23:40. */
export const dayTimeUnlessToday = (ms: number, now: number): string =>
  startOfDay(ms) === startOfDay(now) ? hm(ms) : `${dayOf(ms).slice(-5)} ${hm(ms)}`

/** A countdown or a short span: 06′40″; over an hour 1 h 02′. Negative spans carry a minus. */
export function span(seconds: number): string {
  const whole = Math.floor(Math.abs(seconds))
  const sign = seconds <= -1 ? '−' : ''
  if (whole < 3600) return `${sign}${two(Math.floor(whole / 60))}′${two(whole % 60)}″`
  return `${sign}${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))}′`
}

/** How old a value is, in the shortest exact form: 8 s, 2′05″, 3 h 10′, 2 d. */
export function ageText(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)}′${two(s % 60)}″`
  if (s < 48 * 3600) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))}′`
  return `${Math.floor(s / 86_400)} d`
}

/** The first millisecond of the day in Shanghai that `ms` lies in. */
export const startOfDay = (ms: number): number =>
  Math.floor((ms + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS

/** `YYYY-MM-DD` as the first millisecond of that day in Shanghai, or null. */
export function parseDay(text: string): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (found === null) return null
  const ms = Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3])) - OFFSET_MS
  return Number.isNaN(ms) ? null : ms
}
