import type { FieldContent, PatientRow, WrittenRow } from '@gh/contract'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { beforeEach, expect, test, vi } from 'vitest'
import { ItemInput } from './item-input.tsx'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
let drawn = 0
let sent: { value: unknown; text: unknown; over: string[] }[] = []
vi.mock('@gh/live', () => ({
  DOUBLE_CLICK_MS: 600,
  // Each item asks for it once as it is drawn.
  useSend: () => {
    drawn += 1
    const send = async (command: (typeof sent)[number]) => {
      sent.push(command)
      return null
    }
    return { send, busy: false, refusal: null }
  },
  useNow: () => 0,
  useContent: () => undefined,
  useLimits: () => undefined,
  uuid7: () => 'id',
}))

beforeEach(() => {
  sent = []
})

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

const waits = (write_id: string, now: object) =>
  [
    { write_id, value: null, text: null, unstored: 'saving', over: ['w'], ...now },
  ] as unknown as WrittenRow[]

async function shown(item: FieldContent) {
  document.body.innerHTML = '<div id="root"></div>'
  const root = createRoot(document.getElementById('root') as HTMLElement)
  return (writes: WrittenRow[]) =>
    act(async () =>
      root.render(
        <ItemInput patient={patient({ [item.id]: writes })} name={item.id} item={item} />,
      ),
    )
}
const element = <T extends HTMLElement>(found: string) => document.querySelector<T>(found) as T
const press = (testid: string) =>
  act(async () => element<HTMLButtonElement>(`[data-testid=${testid}]`).click())

test('what waits says so, and a bounce of the finger takes nothing back', async () => {
  const [face] = ITEMS as [FieldContent]
  const draw = await shown(face)
  await draw([])
  await press('face-true')
  await draw(waits('a', { value: true }))
  expect(element('[data-testid=item-face]').dataset.unstored).toBe('saving')
  expect(element('[data-testid=item-face]').textContent).toContain('正在存')
  await press('face-true')
  expect(sent.length).toBe(1)
  await press('face-false')
  expect(sent[1]).toMatchObject({ value: false, over: ['a', 'w'] })
  await draw([{ write_id: 'b', value: false, text: null }] as unknown as WrittenRow[])
  expect(element('[data-testid=item-face]').dataset.unstored).toBeUndefined()
})

test('words that are refused stay in their box, and go again', async () => {
  const words = { id: 'words', kind: 'text', zh: 'words', en: 'words' } as unknown as FieldContent
  const draw = await shown(words)
  const before = [{ write_id: 'w', value: null, text: '胸痛' }] as unknown as WrittenRow[]
  await draw(before)
  const box = () => element<HTMLTextAreaElement>('textarea')
  const leave = () =>
    act(async () => box().dispatchEvent(new FocusEvent('focusout', { bubbles: true })))
  const typed = '胸痛两小时'
  await act(async () => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set?.call(box(), typed)
    box().dispatchEvent(new Event('input', { bubbles: true }))
  })
  await leave()
  await draw(waits('a', { text: typed }))
  await draw(before)
  expect(box().value).toBe(typed)
  await leave()
  expect(sent.map((one) => one.text)).toEqual([
    { as: 'clear', text: typed },
    { as: 'clear', text: typed },
  ])
})
