/** A large page over the middle of the screen; the status button stays in reach. */
import { t } from '@gh/i18n'
import { type ReactNode, type RefObject, useEffect, useRef } from 'react'

const SCROLLING = '.crew-sheet-body, .rec-items, .rec-side'

/**
 * An alarm that comes or goes above the sheet moves it. What scrolls in it goes along, so that what a
 * finger is about to touch stays where it is.
 */
function useStandStill(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const sheet = box.current
    if (sheet === null) return
    // First asked for after it was laid out, when the answer is there.
    let top: number | undefined
    const watch = new ResizeObserver(() => {
      const before = top
      top = sheet.getBoundingClientRect().top
      const by = before === undefined ? 0 : top - before
      if (by !== 0) for (const part of sheet.querySelectorAll(SCROLLING)) part.scrollTop += by
    })
    watch.observe(sheet)
    return () => watch.disconnect()
  }, [box])
}

interface Props {
  title: string
  side?: ReactNode
  onClose: () => void
  children: ReactNode
  footer?: ReactNode
  testId: string
}

export function Sheet({ title, side, onClose, children, footer, testId }: Props) {
  const box = useRef<HTMLElement>(null)
  useStandStill(box)
  useEffect(() => {
    const opener = document.activeElement
    // A field that asked for the focus keeps it: a scanner types at once.
    if (!box.current?.contains(opener)) box.current?.focus()
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.isComposing) onClose()
    }
    window.addEventListener('keydown', key)
    return () => {
      window.removeEventListener('keydown', key)
      if (opener instanceof HTMLElement) opener.focus()
    }
  }, [onClose])
  return (
    <section
      className="crew-sheet"
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      ref={box}
      data-testid={testId}
    >
      <header>
        <h2>{title}</h2>
        <div className="crew-sheet-side">{side}</div>
        <button type="button" className="tap" onClick={onClose} data-testid="sheet-close">
          {t('ui.close')}
        </button>
      </header>
      <div className="crew-sheet-body">{children}</div>
      {footer && <footer>{footer}</footer>}
    </section>
  )
}

interface ChoiceProps<V extends string | number | boolean> {
  label: string
  value: V | null
  options: readonly { value: V; label: string; hint?: string }[]
  onChange: (value: V) => void
  testId: string
}

/** One of a few, each a target of its own; the chosen one is marked by fill and a tick. */
export function Choice<V extends string | number | boolean>(props: ChoiceProps<V>) {
  return (
    <fieldset className="crew-choice" data-testid={props.testId}>
      <legend>{props.label}</legend>
      <div>
        {props.options.map((o) => (
          <button
            key={String(o.value)}
            type="button"
            className="tap"
            aria-pressed={o.value === props.value}
            onClick={() => props.onChange(o.value)}
            data-testid={`${props.testId}-${o.value}`}
          >
            <b>
              {o.value === props.value && <i aria-hidden="true">✓</i>}
              {o.label}
            </b>
            {o.hint && <small>{o.hint}</small>}
          </button>
        ))}
      </div>
    </fieldset>
  )
}

interface TextLineProps {
  label: string
  value: string
  onChange: (text: string) => void
  testId: string
}

export function TextLine({ label, value, onChange, testId }: TextLineProps) {
  return (
    <label className="rec-label over">
      {label}
      <input
        className="crew-input"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        data-testid={testId}
      />
    </label>
  )
}

/** A reason by one touch, or in own words. */
export function ReasonPicker({
  label,
  reasons,
  value,
  onChange,
}: {
  label: string
  reasons: readonly string[]
  value: string
  onChange: (reason: string) => void
}) {
  return (
    <fieldset className="crew-choice" data-testid="reason">
      <legend>{label}</legend>
      <div>
        {reasons.map((r) => (
          <button
            key={r}
            type="button"
            className="tap"
            aria-pressed={value === r}
            onClick={() => onChange(r)}
          >
            <b>
              {value === r && <i aria-hidden="true">✓</i>}
              {r}
            </b>
          </button>
        ))}
        <input
          className="crew-input"
          value={reasons.includes(value) ? '' : value}
          placeholder={t('crew.other_reason')}
          aria-label={t('crew.other_reason')}
          onChange={(e) => onChange(e.target.value)}
          data-testid="reason-text"
        />
      </div>
    </fieldset>
  )
}
