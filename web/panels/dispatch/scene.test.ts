import type { AlertRow, PatientRow } from '@gh/contract'
import { expect, test } from 'vitest'
import { askedText, scenesOf } from './scene.tsx'

const patient = (id: string, incident_id: string, ...responses: (string | null)[]) =>
  ({
    id,
    incident_id,
    record: { sheets: responses.map((response) => ({ sheet: 'crash', response })) },
  }) as unknown as PatientRow

test('a case shows the scenes of its own patients, the gravest first, with who was told', () => {
  const alert = { id: 'scene_asks.p2', state: 'open' } as AlertRow
  const shown = scenesOf(
    { id: 'i1' },
    [patient('p1', 'i1', 'R3', null), patient('p2', 'i1', 'R0'), patient('p3', 'i2', 'R0')],
    [alert],
  )
  expect(shown.map((one) => [one.patient.id, one.alert])).toEqual([
    ['p2', alert],
    ['p1', undefined],
  ])
  expect(scenesOf(undefined, [patient('p1', 'i1', 'R3')], [])).toEqual([])
})

test('the alert names whom it asks for, and shows no code', () => {
  expect(askedText({ who: 'centre,police,fire' })).not.toMatch(/centre|police|fire|record/)
  expect(askedText({})).toBe('')
})
