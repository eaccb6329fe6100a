import { Refusal } from '@gh/contract'
import { clockTime, dayOf, t, tOr, useLang, weekday } from '@gh/i18n'
import { useNow } from '@gh/live'
import { logout, useSession } from '@gh/session'
import { type CSSProperties, type ReactNode, useState } from 'react'
import { Button, Refused } from './parts.tsx'
import { useTheme } from './theme.tsx'

export interface LinkLight {
  key: string
  label: string
  state: 'ok' | 'warn' | 'bad' | 'unknown'
  detail?: string | undefined
}

const Light = ({ state }: { state: LinkLight['state'] }) => (
  <svg viewBox="-6 -6 12 12" aria-hidden="true">
    {state === 'ok' ? <circle r="4.6" fill="var(--accent)" /> : null}
    {state === 'unknown' ? (
      <circle r="4" fill="none" stroke="var(--muted)" strokeWidth="1.6" strokeDasharray="2 2" />
    ) : null}
    {state === 'warn' ? <path d="M0,-5.6L5.8,4.8H-5.8Z" fill="var(--al2)" /> : null}
    {state === 'bad' ? <path d="M-5,-5L5,5M5,-5L-5,5" stroke="var(--al1)" strokeWidth="3" /> : null}
  </svg>
)

export const Logo = () => (
  <span className="gh-logo">
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <circle
        cx="12"
        cy="12"
        r="10.2"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="2.4"
        strokeDasharray="53 11"
        transform="rotate(-90 12 12)"
      />
      <path d="M12 6.2V12.4H16.4" fill="none" stroke="var(--text)" strokeWidth="2.2" />
    </svg>
    {t('app.name')}
  </span>
)

export function Clock() {
  const now = useNow()
  return (
    <div className="gh-clock" data-testid="clock">
      <span className="gh-m">
        {dayOf(now)} {weekday(now)}
      </span>
      <b>{clockTime(now)}</b>
    </div>
  )
}

/** Test doubles, named loudly; nothing where all is real. */
export function Doubles() {
  const session = useSession()
  if (!session || session.doubles.length === 0) return null
  const names = session.doubles.map((name) => tOr(`double.${name}`, name)).join(t('ui.comma'))
  return (
    <div className="gh-doubles" title={t('mode.doubles_hint', { names })} data-testid="doubles">
      <span className="gh-ell">{t('mode.doubles', { names })}</span>
    </div>
  )
}

export function Mode({ degraded }: { degraded?: string | undefined }) {
  const session = useSession()
  if (!session) return null
  const drill = !['', 'real', 'live', 'main', 'production'].includes(session.world)
  const kind = degraded ? 'degraded' : session.demo || drill ? 'demo' : 'normal'
  return (
    <div className={`gh-mode ${kind}`} title={degraded} data-testid="mode">
      <i />
      {degraded
        ? t('mode.degraded')
        : session.demo
          ? t('mode.demo')
          : drill
            ? tOr(`mode.${session.world}`, session.world)
            : t('mode.normal')}
      <span>{degraded ?? (session.second_factor_skipped ? t('mode.no_second_factor') : '')}</span>
    </div>
  )
}

interface Props {
  /** What this desk is called, for example "受理调度". */
  title: ReactNode
  links?: LinkLight[] | undefined
  degraded?: string | undefined
  children?: ReactNode
}

/** Below the row, which has no room for words. */
const BELOW: CSSProperties = {
  position: 'fixed',
  top: 48,
  right: 12,
  maxWidth: 'calc(100vw - 24px)',
  whiteSpace: 'normal',
  zIndex: 50,
}

export function Header({ title, links = [], degraded, children }: Props) {
  const session = useSession()
  const { lang, setLang } = useLang()
  const { theme, toggle } = useTheme()
  const [leaving, setLeaving] = useState(false)
  const [failed, setFailed] = useState<Refusal | null>(null)
  const leave = () => {
    setFailed(null)
    setLeaving(true)
    logout()
      .catch(() => setFailed(new Refusal('logout_failed')))
      .finally(() => setLeaving(false))
  }
  return (
    <header className="gh-header">
      <Logo />
      {session ? <span className="gh-m gh-ell">{session.org_name}</span> : null}
      <span className="gh-vr" />
      <span className="gh-row">
        {session?.seat ? <b>{t('app.seat', { seat: session.seat })}</b> : null}
        <span>{title}</span>
        {session ? <span className="gh-m gh-ell">{session.name}</span> : null}
      </span>
      <Mode degraded={degraded} />
      <Doubles />
      {children}
      <span className="gh-sp" />
      <div className="gh-links" title={t('link.all')}>
        {links.map((link) => (
          <div
            key={link.key}
            className={`gh-link ${link.state}`}
            title={`${link.label} ${t(`link.state.${link.state}`)} ${link.detail ?? ''}`}
          >
            <Light state={link.state} />
            {link.label}
            {link.detail ? <span className="gh-m gh-s">{link.detail}</span> : null}
          </div>
        ))}
      </div>
      <span className="gh-row" style={{ gap: 2 }}>
        <Button
          look="quiet"
          onClick={() => setLang(lang === 'en' ? 'zh-CN' : 'en')}
          data-testid="lang"
        >
          {lang === 'en' ? '中文' : 'EN'}
        </Button>
        <Button look="quiet" onClick={toggle} data-testid="theme" title={t('ui.theme')}>
          {t(theme === 'dark' ? 'ui.light' : 'ui.dark')}
        </Button>
        <Button look="quiet" busy={leaving} onClick={leave} data-testid="logout">
          {t('ui.logout')}
        </Button>
      </span>
      {failed ? (
        <div style={BELOW}>
          <Refused refusal={failed} dismiss={() => setFailed(null)} />
        </div>
      ) : null}
      <span className="gh-vr" />
      <Clock />
    </header>
  )
}
