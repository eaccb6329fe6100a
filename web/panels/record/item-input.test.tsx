import type { FieldContent, PatientRow, WrittenRow } from '@gh/contract'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test, vi } from 'vitest'
import { ItemInput } from './item-input.tsx'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
let drawn = 0
vi.mock('@gh/live', () => ({
  // Each item asks for it once as it is drawn.
  useSend: () => {
    drawn += 1
    return { send: async () => null, busy: false, refusal: null }
  },
  useNow: () => 0,
  useContent: () => undefined,
  useLimits: () => undefined,
  uuid7: () => 'id',
}))

const ITEMS = ['face', 'arm', 'speech'].map(
  (id) => ({ id, kind: 'flag', zh: id, en: id }) as unknown as FieldContent,
)
const written = (value: boolean) =>
  [{ write_id: 'w', value, text: null }] as unknown as WrittenRow[]
const patient = (fields: PatientRow['record']['fields']) =>
  ({ id: 'p', record: { fields, signed_ms: null } }) as unknown as PatientRow

test('of a form, a touch draws the item that it changed and no other', async () => {
  document.body.innerHTML = '<div id="root"></div>'
  const root = createRoot(document.getElementById('root') as HTMLElement)
  const draw = (one: PatientRow) =>
    act(async () =>
      root.render(
        ITEMS.map((item) => <ItemInput key={item.id} patient={one} name={item.id} item={item} />),
      ),
    )
  const face = written(false)
  await draw(patient({ face }))
  expect(drawn).toBe(3)
  drawn = 0
  await draw(patient({ face, arm: written(true) }))
  expect(drawn).toBe(1)
  expect(document.querySelector('[data-testid=arm-true]')?.getAttribute('aria-pressed')).toBe(
    'true',
  )
})
