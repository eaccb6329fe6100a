import { expect, it } from 'vitest'
import { keepDoubleClicksTogether } from './double-click.ts'

function button(name: string, pressed: string[]): HTMLElement {
  const made = document.createElement('button')
  made.innerHTML = '<span>x</span>'
  made.addEventListener('click', () => pressed.push(name))
  document.body.append(made)
  return made
}

const click = (target: Element | null, detail: number) =>
  target?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail }))

it('drops the second click when the first one took its button away', () => {
  keepDoubleClicksTogether()
  const pressed: string[] = []
  const send = button('send', pressed)
  const below = button('below', pressed)
  send.addEventListener('click', () => send.remove())
  click(send, 1)
  click(below, 2)
  expect(pressed).toEqual(['send'])
  // A press of its own counts, and so do a key and two clicks on one button.
  click(below, 1)
  click(below.firstElementChild, 2)
  click(below, 0)
  expect(pressed).toEqual(['send', 'below', 'below', 'below'])
})
