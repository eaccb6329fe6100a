import type { Limits, PatientRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { isOutdated, outdatedText, scoreNow } from './outdated.ts'
import { isAtLeast, news2Text } from './words.ts'

const MINUTE = 60_000
const patient = {
  score: {
    news2: 2,
    news2_band: 'low',
    news2_missing: [],
    level: 'IV',
    level_reasons: [],
    level_missing: [],
    complete: true,
    at_ms: 0,
  },
  seen_ms: { gcs: 0 },
  news2_until: { spo2_pct: 10 * MINUTE, consciousness: 30 * MINUTE },
  level_until: { spo2_pct: 10 * MINUTE, gcs: 30 * MINUTE },
} as unknown as PatientRow
const limits = { vitals_fresh_s: 600, valid_s: { gcs: 1800 } } as unknown as Limits

test('a score that nobody takes anew is at least what it was, and reassures nobody', () => {
  const fresh = scoreNow(patient, 5 * MINUTE)
  expect(fresh).toEqual(patient.score)
  const later = scoreNow(patient, 11 * MINUTE)
  expect(news2Text(later)).toBe('≥ 2')
  expect(later?.news2_band).toBe('')
  expect(isAtLeast(later)).toBe(true)
  expect(later?.level_missing).toEqual(['spo2_pct'])
  expect(scoreNow(patient, 60 * MINUTE)?.level_missing).toEqual(['spo2_pct', 'gcs'])
})

test('what is out of date is named with its age', () => {
  expect(isOutdated(patient, 'gcs', 29 * MINUTE)).toBe(false)
  expect(isOutdated(patient, 'gcs', 31 * MINUTE)).toBe(true)
  expect(outdatedText(patient, 5 * MINUTE, limits, undefined)).toBe('')
  expect(outdatedText(patient, 63 * MINUTE, limits, undefined)).toContain('GCS（1 h 03′ 前）')
})
