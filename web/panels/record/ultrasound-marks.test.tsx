import type { StoredImage } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Line } from './images.ts'
import {
  type AllMarks,
  marksOf,
  noteText,
  unsavedIn,
  useLeave,
  withLines,
  withSaved,
} from './ultrasound-marks.tsx'

vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
beforeEach(() => setLang('zh-CN'))
afterEach(() => document.body.replaceChildren())

const line = (to: number): Line => ({ from: { x: 0, y: 0 }, to: { x: to, y: 0 } })

test('what was measured stays with its picture', () => {
  let all: AllMarks = withLines({}, 'a', [line(10), line(20)])
  all = withLines(all, 'b', [line(30)])
  expect(marksOf(all, 'a').lines).toHaveLength(2)
  expect(marksOf(all, 'c').lines).toEqual([])
  expect(unsavedIn(all)).toBe(3)
  all = withSaved(all, 'a', 2)
  expect(unsavedIn(all)).toBe(1)
  all = withLines(all, 'a', [line(10), line(20), line(40)])
  expect(unsavedIn(all)).toBe(2)
  expect(unsavedIn(withLines(all, 'a', []))).toBe(1)
})

test('a note holds what is not in the record yet', () => {
  const image = { label: 'FAST 右上', regions: [] } as unknown as StoredImage
  const marks = { lines: [line(10), line(25)], saved: 1 }
  expect(noteText(image, marks)).toContain('FAST 右上')
  expect(noteText(image, marks)).toContain('25.0')
  expect(noteText(image, marks)).not.toContain('10.0')
})

test('whoever leaves with something unsaved is asked first', () => {
  const left = vi.fn()
  function Page() {
    const { close, setUnsaved, question } = useLeave(left)
    return (
      <>
        <button type="button" onClick={close} id="close" />
        <button type="button" onClick={() => setUnsaved(1)} id="measure" />
        {question}
      </>
    )
  }
  const frame = document.body.appendChild(document.createElement('div'))
  act(() => createRoot(frame).render(<Page />))
  const press = (what: string) => act(() => document.querySelector<HTMLElement>(what)?.click())
  press('#measure')
  press('#close')
  expect(left).not.toHaveBeenCalled()
  expect(frame.textContent).toContain('1')
  press('[data-testid="us-leave-go"]')
  expect(left).toHaveBeenCalledTimes(1)
})
