/**
 * An age is one number of years, also of an infant: months and days are parts of a year. What is
 * said of it is as exact as the limits for that age are: days for a newborn, then months, then years.
 */
import { t } from '@gh/i18n'

export const AGE_UNITS = ['y', 'mo', 'd'] as const
export type AgeUnit = (typeof AGE_UNITS)[number]

/** As `domain/care/age.py` has them: how many make a year. */
const PER_YEAR: Record<AgeUnit, number> = { y: 1, mo: 12, d: 365.25 }
const NEWBORN_BELOW_D = 29
/** From here on whole years are enough. */
const WHOLE_FROM_Y = 3

export const yearsOf = (n: number, unit: AgeUnit): number => n / PER_YEAR[unit]

/** Completed ones; a year's part that was made of whole months or days gives them back. */
const completed = (age_y: number, unit: AgeUnit): number =>
  Math.floor(age_y * PER_YEAR[unit] + 1e-6)

/** The coarsest unit that loses nothing that counts, and how many of it. */
export function ageIn(age_y: number): { n: number; unit: AgeUnit } {
  const [days, months] = [completed(age_y, 'd'), completed(age_y, 'mo')]
  if (days < NEWBORN_BELOW_D || months === 0) return { n: days, unit: 'd' }
  if (age_y < WHOLE_FROM_Y && months % 12 !== 0) return { n: months, unit: 'mo' }
  return { n: completed(age_y, 'y'), unit: 'y' }
}

/** "62 岁", "7 个月", "12 天". */
export function ageSaid(age_y: number | null): string {
  if (age_y === null) return t('care.age_unknown')
  const { n, unit } = ageIn(age_y)
  return t(`care.age_${unit}`, { n })
}

/** The age of one born on that day, as exact as it is said; days as YYYY-MM-DD; null: not born yet. */
export function ageOn(born: string, today: string): number | null {
  const days = (Date.parse(today) - Date.parse(born)) / 86_400_000
  if (!(days >= 0)) return null
  if (days < NEWBORN_BELOW_D) return yearsOf(days, 'd')
  const [year = 0, month = 0, day = 0] = born.split('-').map(Number)
  const [thenYear = 0, thenMonth = 0, thenDay = 0] = today.split('-').map(Number)
  const months = (thenYear - year) * 12 + thenMonth - month - (thenDay < day ? 1 : 0)
  // Twenty-nine days in a February are not a month: nobody is a newborn again.
  if (months === 0) return yearsOf(days, 'd')
  return months < WHOLE_FROM_Y * 12 ? yearsOf(months, 'mo') : Math.floor(months / 12)
}
