import type { Refusal } from '@gh/contract'
import { ago, clockTime, duration, t, tOr } from '@gh/i18n'
import { decide, useLimits, useLink, useNow, useRow, useWaiting, type Waiting } from '@gh/live'
import { type ButtonHTMLAttributes, type ReactNode, useEffect, useId, useRef } from 'react'
import { useHotkeys } from './hotkeys.ts'

export const KeyCap = ({ children }: { children: ReactNode }) => (
  <kbd className="gh-key">{children}</kbd>
)

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'type'> {
  look?: 'plain' | 'primary' | 'danger' | 'quiet' | undefined
  keycap?: string | undefined
  /** A request is under way: shown, and a second press does nothing. */
  busy?: boolean | undefined
  on?: boolean | undefined
  submit?: boolean | undefined
}

export function Button({
  look = 'plain',
  keycap,
  busy,
  on,
  submit,
  className,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  const classes = ['gh-btn', look, on ? 'on' : '', className ?? ''].filter(Boolean).join(' ')
  return (
    <button
      {...rest}
      type={submit ? 'submit' : 'button'}
      className={classes}
      aria-busy={busy}
      aria-pressed={on}
      disabled={busy || disabled}
    >
      {children}
      {keycap === undefined ? null : <KeyCap>{keycap}</KeyCap>}
    </button>
  )
}

type BadgeSize = 'large' | 'huge' | undefined

/** Dispatch level R0-R5: square. Empty is "not known", never "not severe". */
export function LevelBadge({ level, size }: { level: string; size?: BadgeSize }) {
  const known = level !== ''
  return (
    <span
      className={`gh-lv ${known ? level : 'none'} ${size ?? ''}`}
      title={known ? t(`level.${level}`) : t('level.unknown')}
    >
      {known ? level : 'R?'}
    </span>
  )
}

const SHAPES: Record<string, string> = { I: '■', II: '◆', III: '▲', IV: '●' }

/** Triage level I-IV: round, with a shape of its own. */
export function TriageBadge({
  level,
  words,
  size,
}: {
  level: string
  words?: boolean
  size?: BadgeSize
}) {
  const known = level !== ''
  const roman = { I: 'Ⅰ', II: 'Ⅱ', III: 'Ⅲ', IV: 'Ⅳ' }[level] ?? level
  return (
    <span
      className={`gh-lv tri ${known ? level : 'none'} ${size ?? ''}`}
      title={known ? t(`triage.${level}`) : t('triage.unknown')}
    >
      {known ? `${SHAPES[level] ?? ''} ${roman}` : '?'}
      {words && known ? ` ${t(`triage.${level}`)}` : ''}
    </span>
  )
}

export type Ring = 'ready' | 'sent' | 'enroute' | 'scene' | 'loaded' | 'hospital' | 'off'
const RINGS: Record<string, Ring> = {
  ready: 'ready',
  reserved: 'sent',
  assigned: 'sent',
  acknowledged: 'sent',
  en_route: 'enroute',
  on_scene: 'scene',
  at_patient: 'scene',
  loaded: 'loaded',
  to_hospital: 'loaded',
  at_hospital: 'hospital',
  handed_over: 'hospital',
  cleared: 'ready',
}
export const ringOf = (state: string): Ring => RINGS[state] ?? 'off'

/** The ring of a unit's state; always beside its word. */
export function StateRing({ state }: { state: string }) {
  const ring = ringOf(state)
  const hollow = ring === 'ready' || ring === 'sent'
  return (
    <svg className={`gh-ring ${ring}`} viewBox="-8 -8 16 16" aria-hidden="true">
      <circle
        r={hollow || ring === 'off' ? 6 : 7}
        fill={hollow || ring === 'off' ? 'none' : 'currentColor'}
        stroke={hollow || ring === 'off' ? 'currentColor' : 'none'}
        strokeWidth={ring === 'off' ? 1.6 : 2.4}
      />
      {ring === 'loaded' ? <circle r="2.4" fill="#fff" /> : null}
      {ring === 'off' ? (
        <path d="M-4,4L4,-4M-6,1L1,-6M-1,6L6,-1" stroke="currentColor" strokeWidth="1.2" />
      ) : null}
    </svg>
  )
}

/** Time since; white on red after the limit. */
export function Elapsed({
  since_ms,
  limit_s,
  until_ms,
}: {
  since_ms: number
  limit_s?: number | null | undefined
  /** The end, where the clock has stopped. */
  until_ms?: number | null | undefined
}) {
  const now = useNow()
  const seconds = ((until_ms ?? now) - since_ms) / 1000
  const late = limit_s !== null && limit_s !== undefined && seconds > limit_s
  return (
    <span className={`gh-elapsed${late ? ' late' : ''}`} data-late={late}>
      {duration(seconds)}
    </span>
  )
}

/** How old a position is: amber, then grey, from the ages that the release's limits name. */
export function Age({ at_ms }: { at_ms: number | null | undefined }) {
  const now = useNow()
  const marks = useLimits()?.screen
  if (at_ms === null || at_ms === undefined) {
    return <span className="gh-age grey">{t('time.never')}</span>
  }
  const seconds = (now - at_ms) / 1000
  const look =
    marks === undefined
      ? ''
      : seconds > marks.position_grey_s
        ? 'grey'
        : seconds > marks.position_amber_s
          ? 'amber'
          : ''
  return <span className={`gh-age ${look}`}>{ago(seconds)}</span>
}

interface PanelProps {
  title: ReactNode
  extra?: ReactNode
  children: ReactNode
  className?: string | undefined
  testid?: string | undefined
}
export function Panel({ title, extra, children, className, testid }: PanelProps) {
  const id = useId()
  return (
    <section
      className={`gh-panel ${className ?? ''}`}
      aria-labelledby={id}
      data-testid={testid ?? undefined}
    >
      <div className="gh-ph">
        <h2 id={id}>{title}</h2>
        {extra}
      </div>
      <div className="gh-pb">{children}</div>
    </section>
  )
}

/** Nothing here, and what that means. */
export const Empty = ({ title, hint }: { title: string; hint?: ReactNode }) => (
  <div className="gh-empty">
    <span>{title}</span>
    {hint === undefined ? null : <span className="gh-s">{hint}</span>}
  </div>
)

const WIDTHS = ['92%', '78%', '86%', '64%', '88%', '72%']
export const Skeleton = ({ rows = 3 }: { rows?: number }) => (
  <div className="gh-skel" aria-hidden="true">
    {Array.from({ length: rows }, (_, i) => WIDTHS[i % WIDTHS.length]).map((width, i) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
      <i key={i} style={{ width }} />
    ))}
  </div>
)

const Triangle = () => (
  <svg width="16" height="16" viewBox="-6 -6 12 12" aria-hidden="true">
    <path d="M0,-5.6L5.8,4.8H-5.8Z" fill="var(--al2)" />
  </svg>
)

/** What happened, what still works, what to do. */
export function ErrorNote({
  what,
  works,
  todo,
  retry,
}: {
  what: string
  works?: string | undefined
  todo?: string | undefined
  retry?: (() => void) | undefined
}) {
  return (
    <div className="gh-note" role="alert">
      <Triangle />
      <b>{what}</b>
      {works === undefined ? null : <span>{works}</span>}
      {todo === undefined ? null : <span>{todo}</span>}
      {retry === undefined ? null : <Button onClick={retry}>{t('ui.retry')}</Button>}
    </div>
  )
}

export const refusalText = (refusal: Refusal): string =>
  tOr(`errors.${refusal.code}`, t('errors.other', { code: refusal.code }), {
    detail: refusal.detail,
    field: refusal.field,
  })

/** A refusal in words, beside the button that met it. */
export function Refused({
  refusal,
  dismiss,
}: {
  refusal: Refusal | null
  dismiss?: (() => void) | undefined
}) {
  if (refusal === null) return null
  return (
    <span className="gh-refused" role="alert" data-testid="refusal" data-code={refusal.code}>
      {refusalText(refusal)}
      {dismiss === undefined ? null : (
        <button type="button" onClick={dismiss} aria-label={t('ui.dismiss')}>
          ✕
        </button>
      )}
    </span>
  )
}

/** One line over a board whose line is broken; nothing while all is well. */
export function Stale() {
  const link = useLink()
  const now = useNow()
  if (link.state === 'live' || (link.state === 'connecting' && link.at === 0)) return null
  const closed = link.state === 'closed'
  return (
    <div className="gh-stale" role="alert" data-testid="stale">
      <b>{t(closed ? 'link.closed' : 'link.stale')}</b>
      <span>
        {closed
          ? tOr(`link.code.${link.code}`, t('link.closed_hint'))
          : t('link.stale_hint', {
              at: clockTime(link.since_ms),
              age: duration((now - link.since_ms) / 1000),
            })}
      </span>
    </div>
  )
}

export const Assumed = () => (
  <span className="gh-tag assumed" title={t('assumed.hint')}>
    {t('assumed.tag')}
  </span>
)

/** A command that found no answer yet: said, so that nobody presses again or walks away. */
export function Unanswered() {
  const stuck = useWaiting().filter((command) => command.attempts > 0 && !command.held)
  if (stuck.length === 0) return null
  return (
    <p className="gh-warnt" role="status" data-testid="unanswered">
      {t('link.unanswered', { n: stuck.length })}
    </p>
  )
}

/** Orders that found no answer for long: what was right then may not be now, so a person says. */
export function Held() {
  const held = useWaiting().filter((command) => command.held)
  return held.length === 0 ? null : (
    <div className="gh-held" role="alert" data-testid="held">
      {held.map((order) => (
        <HeldOrder key={order.sequence} order={order} />
      ))}
    </div>
  )
}

function HeldOrder({ order }: { order: Waiting }) {
  useNow() // the age grows
  const { command } = order
  const unit = useRow('units', command && 'unit_id' in command ? command.unit_id : undefined)
  const run = useRow(
    'missions',
    command && 'mission_id' in command ? command.mission_id : undefined,
  )
  return (
    <p>
      <b>{t(`held.${order.kind}`, { unit: unit?.call_sign ?? run?.call_sign ?? '' })}</b>{' '}
      {t('held.text', { age: duration((Date.now() - order.since_ms) / 1000) })}{' '}
      <Button look="primary" onClick={() => decide(order.sequence, true)} data-testid="held-again">
        {t('held.again')}
      </Button>{' '}
      <Button onClick={() => decide(order.sequence, false)} data-testid="held-drop">
        {t('held.drop')}
      </Button>
    </p>
  )
}

interface DialogProps {
  title: ReactNode
  onClose: () => void
  children: ReactNode
  footer?: ReactNode
  testid?: string | undefined
}
export function Dialog({ title, onClose, children, footer, testid }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current
    if (dialog === null || dialog.open) return
    dialog.showModal()
    // To the field that is asked for; never to a button, where Enter would be a deed.
    const field = dialog.querySelector<HTMLElement>('.body input, .body textarea, .body select')
    ;(field ?? dialog).focus()
  }, [])
  useHotkeys({ Escape: onClose }, true, true)
  return (
    <dialog
      ref={ref}
      tabIndex={-1}
      className="gh-dialog"
      data-testid={testid ?? undefined}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <header>
        <span className="gh-ell">{title}</span>
        <span className="gh-sp" />
        <Button look="quiet" keycap="Esc" onClick={onClose}>
          {t('ui.close')}
        </Button>
      </header>
      <div className="body">
        {children}
        <Held />
        <Unanswered />
      </div>
      {footer === undefined ? null : <footer>{footer}</footer>}
    </dialog>
  )
}
