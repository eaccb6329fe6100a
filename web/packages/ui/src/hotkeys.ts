/**
 * The keyboard of interface.md 2.3. The newest owner of a key gets it.
 *
 * Rule 1: never while an input method composes.
 * Rule 2: in a text field single characters, and what moves in a text or changes it, are the field's
 *         own; function keys always. A field that is marked `data-lends-keys` lends its characters to
 *         the choices around it while it is empty.
 * Rule 3: an open dialog takes every key: what is typed for it must never answer a question on the
 *         case beneath. Only F1 (a call rings) and F5 (refresh) reach past it.
 */
import { useEffect, useRef } from 'react'

export type HotkeyMap = Record<string, (event: KeyboardEvent) => void>

interface Entry {
  keys: HotkeyMap
  modal: boolean
}
const stack: Entry[] = []
let listening = false

export function chord(event: KeyboardEvent): string {
  const parts: string[] = []
  if (event.ctrlKey || event.metaKey) parts.push('ctrl')
  if (event.altKey) parts.push('alt')
  if (event.shiftKey && event.key.length > 1) parts.push('shift')
  parts.push(event.key.length === 1 ? event.key.toLowerCase() : event.key)
  return parts.join('+')
}

function inText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true
  if (target instanceof HTMLSelectElement) return true
  return (
    target instanceof HTMLInputElement &&
    !['checkbox', 'radio', 'button', 'range'].includes(target.type)
  )
}

const MOVES = new Set([
  ...['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'],
  ...['Home', 'End', 'PageUp', 'PageDown', 'Backspace', 'Delete'],
])

/** The browser does it in the field: copy, paste, undo and their like, with Shift or without. */
const edits = (event: KeyboardEvent): boolean =>
  event.key.length > 1
    ? MOVES.has(event.key)
    : (event.ctrlKey || event.metaKey) && 'acvxyz'.includes(event.key.toLowerCase())

const lends = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.dataset.lendsKeys !== undefined &&
  !(target instanceof HTMLInputElement && target.value !== '')

/** Somebody types: no panel may take the focus away from them. */
export const isTyping = (): boolean => inText(document.activeElement)

function onKey(event: KeyboardEvent): void {
  if (event.isComposing || event.keyCode === 229) return
  const name = chord(event)
  const plain = event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey
  // F5 must not reload a board with a call on it.
  if (name === 'F5') event.preventDefault()
  const own = edits(event) || (plain && !lends(event.target))
  if (own && inText(event.target)) return
  // A focused button keeps its own keys.
  const presses = name === 'Enter' || name === ' '
  if (presses && (inText(event.target) || event.target instanceof HTMLButtonElement)) return
  if (event.repeat && name !== 'Escape') {
    if (stack.some((entry) => entry.keys[name] !== undefined)) event.preventDefault()
    return
  }
  const past = name === 'F1' || name === 'F5' || !stack.some((entry) => entry.modal)
  for (let i = stack.length - 1; i >= 0; i--) {
    const entry = stack[i]
    if (entry === undefined || !(past || entry.modal)) continue
    const handler = entry.keys[name]
    if (handler !== undefined) {
      event.preventDefault()
      handler(event)
      return
    }
  }
}

/** Keys as `F1`, `ctrl+Enter`, `shift+F1`, `alt+2`, `/`, `1`, `Escape`; `modal` for dialogs. */
export function useHotkeys(keys: HotkeyMap, enabled = true, modal = false): void {
  const entry = useRef<Entry>({ keys, modal })
  useEffect(() => {
    entry.current.keys = keys
  })
  useEffect(() => {
    if (!enabled) return
    const mine = entry.current
    stack.push(mine)
    if (!listening) {
      listening = true
      window.addEventListener('keydown', onKey)
    }
    return () => {
      stack.splice(stack.indexOf(mine), 1)
    }
  }, [enabled])
}
