import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, expect, test } from 'vitest'
import { type HotkeyMap, useHotkeys } from './hotkeys.ts'

;(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true

function Keys({ keys, modal = false }: { keys: HotkeyMap; modal?: boolean }) {
  useHotkeys(keys, true, modal)
  return <input />
}

let unmount = () => {}
function show(ui: React.ReactNode): HTMLElement {
  const box = document.createElement('div')
  document.body.append(box)
  const root = createRoot(box)
  act(() => root.render(ui))
  unmount = () => act(() => root.unmount())
  return box
}
afterEach(() => unmount())

const press = (key: string, target: EventTarget = document.body, init: KeyboardEventInit = {}) =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...init }))

test('what is typed for a dialog never reaches the case beneath; F1 does', () => {
  const said: string[] = []
  show(
    <>
      <Keys modal keys={{ '1': () => said.push('dialog') }} />
      <Keys
        keys={{
          '1': () => said.push('question'),
          '2': () => said.push('question'),
          F1: () => said.push('answer'),
          F6: () => said.push('dispatch'),
        }}
      />
    </>,
  )
  for (const key of ['1', '2', 'F6', 'F1']) press(key)
  expect(said).toEqual(['dialog', 'answer'])
})

test('digits belong to a text field that has the focus, function keys do not', () => {
  const said: string[] = []
  const box = show(<Keys keys={{ '1': () => said.push('1'), F6: () => said.push('F6') }} />)
  const input = box.querySelector('input') as HTMLInputElement
  press('1', input)
  press('F6', input)
  expect(said).toEqual(['F6'])
})

test('what moves in a text or changes it belongs to the field, with Shift or without', () => {
  const said: string[] = []
  const keys = ['ArrowDown', 'ArrowUp', 'Backspace', 'ctrl+z', 'ctrl+l', 'ctrl+Enter']
  const box = show(<Keys keys={Object.fromEntries(keys.map((k) => [k, () => said.push(k)]))} />)
  const input = box.querySelector('input') as HTMLInputElement
  const all = (target: EventTarget) => {
    for (const key of ['ArrowDown', 'ArrowUp', 'Backspace']) press(key, target)
    press('z', target, { ctrlKey: true })
    press('Z', target, { ctrlKey: true, shiftKey: true })
    press('z', target, { metaKey: true })
    press('l', target, { ctrlKey: true })
    press('Enter', target, { ctrlKey: true })
  }
  all(input)
  expect(said).toEqual(['ctrl+l', 'ctrl+Enter'])
  said.length = 0
  all(document.body)
  expect(said).toEqual([
    ...['ArrowDown', 'ArrowUp', 'Backspace'],
    ...['ctrl+z', 'ctrl+z', 'ctrl+z', 'ctrl+l', 'ctrl+Enter'],
  ])
})

test('an empty field of a dialog lends its digits to the choices, until something is written', () => {
  const said: string[] = []
  const box = show(
    <>
      <Keys modal keys={{ '1': () => said.push('choice') }} />
      <input className="reason" data-lends-keys="" />
      <select data-lends-keys="" />
    </>,
  )
  const reason = box.querySelector('.reason') as HTMLInputElement
  press('1', reason)
  press('1', reason, { isComposing: true })
  press('1', box.querySelector('select') as HTMLSelectElement)
  expect(said).toEqual(['choice', 'choice'])
  reason.value = 'x'
  press('1', reason)
  expect(said).toEqual(['choice', 'choice'])
})

test('nothing while an input method composes', () => {
  const said: string[] = []
  show(<Keys keys={{ '1': () => said.push('1') }} />)
  press('1', document.body, { isComposing: true })
  expect(said).toEqual([])
})

test('the newest owner of a key gets it', () => {
  const said: string[] = []
  show(
    <>
      <Keys keys={{ p: () => said.push('old') }} />
      <Keys keys={{ p: () => said.push('new') }} />
    </>,
  )
  press('p')
  expect(said).toEqual(['new'])
})
