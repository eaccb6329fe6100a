import { act, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test, vi } from 'vitest'
import { Above } from './above.tsx'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

function Muted() {
  const [muted, mute] = useState(false)
  return (
    <button type="button" onClick={() => mute(true)}>
      {muted ? 'muted' : 'sounds'}
    </button>
  )
}

test('an alarm stands in the newest dialog, can be touched there, and comes back as it was', async () => {
  document.body.innerHTML = '<div id="root"></div>'
  const root = createRoot(document.getElementById('root') as HTMLElement)
  await act(async () =>
    root.render(
      <main>
        <Above className="alarms">
          <Muted />
        </Above>
      </main>,
    ),
  )
  const alarms = document.querySelector('.alarms') as HTMLElement
  expect(alarms.closest('main')).not.toBeNull()

  const viewer = document.createElement('dialog')
  viewer.setAttribute('open', '')
  document.body.append(viewer)
  await vi.waitFor(() => expect(alarms.parentElement).toBe(viewer))
  await act(async () => alarms.querySelector('button')?.click())
  expect(alarms.textContent).toBe('muted')

  viewer.remove()
  await vi.waitFor(() => expect(alarms.closest('main')).not.toBeNull())
  expect(alarms.textContent).toBe('muted')
})
