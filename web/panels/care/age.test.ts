import { expect, test } from 'vitest'
import { ageIn, ageOn, ageSaid, yearsOf } from './age.ts'

test('every age that a pad can give comes back as it was typed', () => {
  for (let d = 0; d < 29; d += 1) expect(ageIn(yearsOf(d, 'd'))).toEqual({ n: d, unit: 'd' })
  for (let mo = 1; mo < 36; mo += 1)
    expect(ageIn(yearsOf(mo, 'mo'))).toEqual(
      mo % 12 === 0 ? { n: mo / 12, unit: 'y' } : { n: mo, unit: 'mo' },
    )
  for (let y = 1; y < 120; y += 1) expect(ageIn(y)).toEqual({ n: y, unit: 'y' })
})

test('an age is said with its unit', () => {
  expect([null, 0, 12 / 365.25, 7 / 12, 62].map(ageSaid)).toEqual([
    '年龄不详',
    '0 天',
    '12 天',
    '7 个月',
    '62 岁',
  ])
})

test('a birth day gives days, months or years', () => {
  const on = (born: string, today: string) => {
    const age = ageOn(born, today)
    return age === null ? null : ageSaid(age)
  }
  expect(on('2026-11-28', '2026-11-28')).toBe('0 天')
  expect(on('2026-10-31', '2026-11-28')).toBe('28 天')
  expect(on('2026-10-31', '2026-11-30')).toBe('30 天')
  expect(on('2026-01-29', '2026-12-28')).toBe('10 个月')
  expect(on('2025-11-28', '2026-11-28')).toBe('1 岁')
  expect(on('2025-05-28', '2026-11-28')).toBe('18 个月')
  expect(on('1962-11-29', '2026-11-28')).toBe('63 岁')
  expect(on('2026-11-29', '2026-11-28')).toBeNull()
})
