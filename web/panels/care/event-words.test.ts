import type { Content, LogRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { eventSentence } from './event-words.ts'

const row = (kind: string, summary: Record<string, string>): LogRow => ({
  table: 'log',
  id: 'x@1',
  stream: 'x',
  kind,
  incident_id: '',
  summary,
  actor: '',
  seat: '',
  role: '',
  changed: '',
  was: '',
  now: '',
  occurred_ms: 0,
  received_ms: 0,
})
const content = {
  entry: {
    questions: [
      { id: 'conscious', kind: 'bool', zh: '叫得醒吗?', en: 'Awake?' },
      { id: 'scene_hazards', kind: 'many', zh: '现场有危险吗?', en: 'Hazards?', options: [] },
    ],
  },
  cards: {},
} as unknown as Content

test('a question and its answer are said in words', () => {
  const asked = { card: 'entry', card_version: '1', question: 'conscious', answer: 'true' }
  const kind = 'incident.question_answered.v1'
  expect(eventSentence(row(kind, asked), content)).toBe('问“叫得醒吗?”答：是')
  const { answer: _, ...unanswered } = asked
  expect(eventSentence(row(kind, unanswered), content)).toBe('问“叫得醒吗?”答：不清楚')
})

test('what is not known leaves no hole in the sentence', () => {
  const kind = 'mission.stood_down.v1'
  expect(eventSentence(row(kind, { call_sign: 'A-01', reason: 'no_patient' }), undefined)).toBe(
    'A-01 撤回：无患者',
  )
  expect(eventSentence(row(kind, { call_sign: 'A-01' }), undefined)).toBe('A-01 撤回')
})

test('a kind that is newer than the page shows its name', () => {
  expect(eventSentence(row('call.sang.v9', {}), undefined)).toBe('call.sang.v9')
})

test('a correction says it when the device was on nobody', () => {
  const kind = 'mission.monitor_corrected.v1'
  const told = {
    call_sign: 'A-01',
    device_id: 'D',
    from_ms: '0',
    to_ms: '60000',
    reason: '放在一旁',
  }
  expect(eventSentence(row(kind, told), content)).toContain('不在任何人身上，原因：放在一旁')
  expect(eventSentence(row(kind, { ...told, patient_id: 'p1' }), content)).not.toContain('任何人')
})
