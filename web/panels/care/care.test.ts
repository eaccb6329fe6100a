import type {
  EtaAnswer,
  HandoverRow,
  MissionRow,
  NumericSet,
  PatientRow,
  ScoreRow,
} from '@gh/contract'
import { setLang } from '@gh/i18n'
import { expect, test } from 'vitest'
import { ageText, clockTime, parseDay, span, startOfDay } from './format.ts'
import {
  compareInbound,
  handoverOf,
  inboundOf,
  isHandedOver,
  levelRank,
  risenTo,
} from './inbound.ts'
import { readMist, writeMist } from './mist.ts'
import { renewal } from './move-prealert.ts'
import { heardInRun } from './silence-alarm.tsx'
import { aligned, extend, readings, series, trend } from './vitals.ts'
import { isAtLeast, levelMissing, news2Text } from './words.ts'

const set = (received_ms: number, values: [string, number | null][]): NumericSet => ({
  device_id: 'd',
  unit_id: 'u',
  device_ms: null,
  received_ms,
  values: values.map(([sign, value]) => ({
    sign: sign as NumericSet['values'][number]['sign'],
    value,
    note: '',
    age_ms: 0,
  })),
  mismatch: false,
  clock_doubted: false,
  unstored: false,
})

test('times are Shanghai times and spans keep their sign', () => {
  const ms = Date.UTC(2026, 10, 21, 6, 32, 8)
  expect(clockTime(ms)).toBe('14:32:08')
  expect(span(400)).toBe('06′40″')
  expect(span(-75)).toBe('−01′15″')
  expect(span(3720)).toBe('1 h 02′')
  expect(ageText(62_000)).toBe('1′02″')
  expect(startOfDay(ms)).toBe(Date.UTC(2026, 10, 20, 16))
  expect(parseDay('2026-11-21')).toBe(Date.UTC(2026, 10, 20, 16))
  expect(parseDay('21.11.2026')).toBeNull()
})

test('a summary by letters is read back as it was written', () => {
  const mist = { M: '胸骨后压榨痛\n大汗', I: '疑似 STEMI', S: '', T: '阿司匹林 300 mg' }
  const text = writeMist(mist)
  expect(text).toBe('M 胸骨后压榨痛 大汗\nI 疑似 STEMI\nT 阿司匹林 300 mg')
  expect(readMist(text).mist.T).toBe('阿司匹林 300 mg')
  expect(readMist('老人跌倒').free).toBe('老人跌倒')
})

test('the newest word on a sign counts, also when it is "no value"', () => {
  const found = readings(
    [
      set(1000, [
        ['heart_rate', 80],
        ['spo2', 97],
      ]),
    ],
    set(2000, [['heart_rate', null]]),
    undefined,
  )
  expect(found.get('heart_rate')).toEqual({ value: null, note: '', at_ms: 2000, device_id: 'd' })
  expect(found.get('spo2')?.at_ms).toBe(1000)
})

test('a monitor without its probe does not wipe out a thermometer, nor a meter its LO', () => {
  const meter = {
    ...set(1000, [
      ['temp', 38.4],
      ['glucose', null],
    ]),
    device_id: 'm',
  }
  const low = {
    ...meter,
    values: meter.values.map((n) => (n.sign === 'glucose' ? { ...n, note: 'below range' } : n)),
  }
  const monitor = set(2000, [
    ['temp', null],
    ['glucose', null],
  ])
  const found = readings([low], monitor, undefined)
  expect(found.get('temp')?.value).toBe(38.4)
  expect(found.get('glucose')?.note).toBe('below range')
})

test('silence is a gap and never a line', () => {
  const sets = [set(0, [['pulse', 80]]), set(200_000, [['pulse', 90]])]
  expect(series(sets, 'pulse', 0).value).toEqual([80, null, 90])
  expect(aligned(sets, ['pulse', 'spo2'], 0)).toEqual({
    at_ms: [0, 1, 200_000],
    values: [
      [80, null, 90],
      [null, null, null],
    ],
  })
  expect(extend(sets, [set(200_000, []), set(201_000, [['pulse', 91]])])).toHaveLength(3)
})

test('a trend needs enough values', () => {
  const up = series(
    [0, 1, 2, 3].map((i) => set(i * 1000, [['resp', 16 + i * 3]])),
    'resp',
    0,
  )
  expect(trend(up, 2)).toBe('↑')
  expect(trend({ at_ms: [1], value: [4] }, 2)).toBe('')
})

test('the board sorts by level, then by arrival; an unknown level is not the last', () => {
  const row = (level: string, eta_s: number) =>
    inboundOf(
      { state: 'sent', sent_ms: 0, eta_s } as HandoverRow,
      undefined,
      { level, score: null } as unknown as PatientRow,
      undefined,
    )
  const rows = [row('IV', 10), row('II', 900), row('', 5), row('II', 60)].sort(compareInbound)
  expect(rows.map((r) => r.handover.eta_s)).toEqual([60, 900, 5, 10])
  expect(levelRank('I')).toBe(0)
})

test('the roads know better than what was told, and how sure that is', () => {
  const told = { state: 'sent', sent_ms: 1_000, eta_s: 60 } as HandoverRow
  const eta = {
    seconds: 300,
    range: { low_s: 240, high_s: 420 },
    computed_ms: 5_000,
  } as EtaAnswer
  expect(inboundOf(told, undefined, undefined, eta)).toMatchObject({
    arrives_ms: 305_000,
    range_ms: [245_000, 425_000],
  })
  expect(
    inboundOf(told, undefined, undefined, { ...eta, seconds: null, range: null }),
  ).toMatchObject({ arrives_ms: 61_000, range_ms: null })
})

test('what a monitor said before the run is not heard in it', () => {
  const run = { assigned_ms: 5_000, monitors: [] as MissionRow['monitors'] } as MissionRow
  expect(heardInRun(run, set(4_999, [['spo2', 97]]))).toBeNull()
  expect(heardInRun(run, set(5_000, [['spo2', 97]]))).toBe(5_000)
  expect(heardInRun(run, undefined)).toBeNull()
  expect(heardInRun(undefined, set(5_000, []))).toBeNull()
  const taken_off = { device_id: set(5_000, []).device_id, off: true }
  expect(heardInRun({ ...run, monitors: [taken_off] } as never, set(5_000, []))).toBeNull()
})

const told = (id: string, patient_id: string, sent_ms = 0, state = 'sent'): HandoverRow =>
  ({ id, patient_id, sent_ms, state }) as HandoverRow
const person = (id: string, merged_into = '', joined: string[] = []): PatientRow =>
  ({ id, merged_into, joined }) as unknown as PatientRow

test('what a hospital holds of a patient comes before what ended, and the newest first', () => {
  const all = [told('1', 'a', 1, 'acknowledged'), told('2', 'a', 2, 'declined'), told('3', 'b', 3)]
  expect(handoverOf(all, person('a'))?.id).toBe('1')
  expect(handoverOf(all, person('a', '', ['b']))?.id).toBe('3')
  expect(handoverOf(all.slice(1, 2), person('a'))?.id).toBe('2')
  expect(handoverOf(all, person('c'))).toBeUndefined()
  expect(handoverOf(all, undefined)?.id).toBe('3')
})

test('a patient is handed over by the signatures or by the node of the run', () => {
  const run = (...nodes: string[]) =>
    ({ nodes: nodes.map((milestone) => ({ milestone, at_ms: 1 })) }) as MissionRow
  expect(isHandedOver(run('at_hospital'), told('1', 'a'))).toBe(false)
  expect(isHandedOver(run('at_hospital'), told('1', 'a', 0, 'handed_over'))).toBe(true)
  expect(isHandedOver(run('at_hospital', 'handed_over'), told('1', 'a'))).toBe(true)
  expect(isHandedOver(undefined, undefined)).toBe(false)
})

test('the next hospital is told the same, but for what is needed now', () => {
  const standing = { ...told('1', 'a'), needs: ['icu'], summary: '胸痛' } as unknown as HandoverRow
  expect(renewal(standing, ['pci_24h'])).toMatchObject({
    standing_id: '1',
    needs: ['pci_24h'],
    summary: { as: 'clear', text: '胸痛' },
  })
  expect(renewal({ ...standing, summary: null }, [])).toMatchObject({ needs: [], summary: null })
})

test('NEWS2 is a lower bound by its own inputs, and the level by its own', () => {
  const score = (news2_missing: string[], level_missing: string[]) =>
    ({
      news2: 3,
      level: 'IV',
      news2_missing,
      level_missing,
      complete: false,
    }) as unknown as ScoreRow
  expect(news2Text(score([], ['potassium_mmol_l']))).toBe('3')
  expect(news2Text(score(['temp_c'], []))).toBe('≥ 3')
  expect(news2Text(null)).toBe('--')
  expect(isAtLeast(score(['temp_c'], []))).toBe(false)
  expect(isAtLeast(score([], ['judged']))).toBe(true)
  expect(levelMissing(score([], ['judged', 'glucose_mmol_l']), undefined)).not.toMatch(
    /judged|glucose_mmol/,
  )
  expect(levelMissing(score(['temp_c'], []), undefined)).toBe('')
})

test('what is missing is listed with the comma of the language', () => {
  const score = { level: 'IV', level_missing: ['gcs', 'pain'] } as unknown as ScoreRow
  expect(levelMissing(score, undefined)).toContain('、')
  setLang('en')
  expect(levelMissing(score, undefined)).toMatch(/^[^、]+, [^、]+$/)
  setLang('zh-CN')
})

test('a level that rises after a clinician confirmed one is said and sorted by', () => {
  const at = (at_ms: number, level: string) => ({ at_ms, level })
  const patient = (level: string, ...history: { at_ms: number; level: string }[]) =>
    ({
      level,
      level_ms: 10,
      score: history.at(-1),
      score_history: history,
    }) as unknown as PatientRow
  expect(risenTo(patient('III', at(5, 'III'), at(20, 'I')))).toBe('I')
  // Lowered with a reason: what was proposed then was theirs to judge, until it rises again.
  expect(risenTo(patient('III', at(5, 'I'), at(20, 'I')))).toBe('')
  expect(risenTo(patient('III', at(5, 'I'), at(20, 'III'), at(30, 'I')))).toBe('I')
  expect(risenTo(patient('II', at(5, 'IV'), at(20, 'III')))).toBe('')
  expect(risenTo(patient('', at(20, 'I')))).toBe('')
  expect(risenTo(patient('III', at(20, 'II')))).toBe('II')
  const row = (one: PatientRow) =>
    ({ patient: one, arrived_ms: null, arrives_ms: 1, handover: { sent_ms: 1 } }) as never
  const risen = row(patient('III', at(5, 'III'), at(20, 'I')))
  expect(compareInbound(risen, row(patient('II', at(5, 'II'))))).toBeLessThan(0)
})
