import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, expect, test, vi } from 'vitest'
import { usePainted } from './painted.ts'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function Rest() {
  return <p>{usePainted() ? 'whole' : 'in sight'}</p>
}

test('the rest stands behind the first frame, not before it and not in it', async () => {
  vi.useFakeTimers()
  const frames: (() => void)[] = []
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => frames.push(draw))
  vi.stubGlobal('cancelAnimationFrame', () => {})
  document.body.innerHTML = '<div id="root"></div>'
  const root = createRoot(document.getElementById('root') as HTMLElement)
  await act(async () => root.render(<Rest />))
  await act(async () => vi.advanceTimersByTime(1_000))
  expect(document.body.textContent).toBe('in sight')
  await act(async () => {
    for (const draw of frames) draw()
  })
  expect(document.body.textContent).toBe('in sight')
  await act(async () => vi.runAllTimers())
  expect(document.body.textContent).toBe('whole')
})
