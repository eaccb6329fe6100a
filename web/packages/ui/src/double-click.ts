/**
 * People press twice. The second click of a double click belongs to what the first one hit: when a
 * sheet has closed in between, it must not press what lay below it.
 */
const CONTROL = 'button, a, input, label, select, textarea'

const controlOf = (target: EventTarget | null): EventTarget | null =>
  target instanceof Element ? (target.closest(CONTROL) ?? target) : target

export function keepDoubleClicksTogether(): void {
  let first: EventTarget | null = null
  window.addEventListener(
    'click',
    (event) => {
      // A key's click counts 0, and so does the one that a label gives to its box.
      if (event.detail === 1) {
        first = controlOf(event.target)
      } else if (event.detail > 1 && controlOf(event.target) !== first) {
        event.preventDefault()
        event.stopImmediatePropagation()
      }
    },
    true,
  )
}
