import type { PatientRow, WrittenRow } from '@gh/contract'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { patientName, sexAge } from '../care/words.ts'
import { seenOf } from './identity.ts'
import { WhomConflict } from './whom-conflict.tsx'

vi.mock('../care/who.ts', () => ({ useWho: () => (by: string) => by }))

const said = (write_id: string, over: Partial<WrittenRow>): WrittenRow => ({
  write_id,
  value: null,
  text: null,
  by: 'crew-1',
  at_ms: 0,
  reason: '',
  ...over,
})
const row = (differs: string[]) =>
  ({
    id: 'p',
    name: '邹虚构',
    sex: 'male',
    age_y: differs.includes('age_y') ? null : 62,
    differs,
    identity: {
      name: [said('a', { text: '周虚构' }), said('b', { text: '邹虚构' })],
      age_y: [said('a', { value: 62 }), said('b', { value: 26 }), said('c', {})],
      sex: [said('a', { value: 'male' })],
    },
  }) as unknown as PatientRow

test('what two people said differently stands wherever the patient is named', () => {
  const both = row(['name', 'age_y'])
  expect(patientName(both)).toBe('周虚构 / 邹虚构（不一致）')
  expect(sexAge(both)).toBe('男 62 岁 / 26 岁（不一致）')
  expect(sexAge(row([]))).toBe('男 62 岁')
})

test('the crew is shown every value of a conflict, to choose one', () => {
  const shown = renderToStaticMarkup(
    <WhomConflict patient={row(['age_y'])} onChoose={() => undefined} />,
  )
  expect(shown.match(/data-testid="choose-age_y/g)).toHaveLength(2)
  expect(shown).not.toContain('choose-name')
  expect(renderToStaticMarkup(<WhomConflict patient={row([])} onChoose={() => undefined} />)).toBe(
    '',
  )
})

test('a correction says which writes it saw', () => {
  expect(seenOf(row([])).age_y).toEqual(['a', 'b', 'c'])
})
