import { type DemoAccount, get, NoAnswer, Refusal } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { homeOf, login, useSessionState } from '@gh/session'
import { Button, ErrorNote, Logo, Refused, useConsoleTheme, useTheme } from '@gh/ui'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Navigate, useLocation, useNavigate } from 'react-router'
import './login.css'

const OPENING_MS = 2_000
const OPENING_TRIES = 10

/** A password that was right opens a vehicle's closed store first, which takes some seconds. */
async function whenOpen<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = OPENING_TRIES; ; left -= 1) {
    try {
      return await ask()
    } catch (error) {
      const opening = error instanceof Refusal && error.code === 'box_opening'
      // While the one server hands over to the other, nobody answers.
      if (left === 0 || !(opening || (left < OPENING_TRIES && error instanceof NoAnswer)))
        throw error
      await new Promise((done) => setTimeout(done, OPENING_MS))
    }
  }
}

export default function Login() {
  useConsoleTheme('login', 'dark')
  const { session, box } = useSessionState()
  const location = useLocation()
  const navigate = useNavigate()
  const { lang, setLang } = useLang()
  const { theme, toggle } = useTheme()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [totp, setTotp] = useState('')
  const [busy, setBusy] = useState('')
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [silent, setSilent] = useState(false)
  const demo = useQuery({
    queryKey: ['demo-accounts'],
    queryFn: () =>
      get<DemoAccount[]>('/api/demo-accounts').catch((error: unknown) => {
        if (error instanceof Refusal) return []
        throw error
      }),
    staleTime: Number.POSITIVE_INFINITY,
  })

  async function enter(name: string, secret: string, code: string, url?: string): Promise<void> {
    if (busy !== '') return
    setBusy(name)
    setRefusal(null)
    setSilent(false)
    try {
      const made = await whenOpen(() => login(name, secret, code))
      const from = (location.state as { from?: string } | null)?.from
      navigate(url || from || homeOf(made), { replace: true })
    } catch (error) {
      if (error instanceof Refusal) setRefusal(error)
      else setSilent(true)
    } finally {
      setBusy('')
    }
  }

  function submit(event: FormEvent): void {
    event.preventDefault()
    void enter(username.trim(), password, totp.trim())
  }

  if (session && busy === '') return <Navigate to={homeOf(session)} replace />
  const accounts = demo.data ?? []
  // A city has dozens of crews and hospitals: one of each role is enough to begin with.
  const firsts = accounts.filter(
    (account, at) => accounts.findIndex((other) => other.role === account.role) === at,
  )
  const others = accounts.filter((account) => !firsts.includes(account))
  const entry = (account: DemoAccount) => (
    <li key={account.username}>
      <button
        type="button"
        className="account"
        disabled={busy !== ''}
        onClick={() => void enter(account.username, account.password, '', account.url || undefined)}
        data-testid={`demo-${account.username}`}
      >
        <b>{t(`role.${account.role}`)}</b>
        <span className="gh-ell">{account.name}</span>
        <code>
          {account.username} / {account.password}
        </code>
      </button>
    </li>
  )
  return (
    <main className="login">
      <div className="top">
        <Logo />
        <span className="gh-m">{t('login.slogan')}</span>
        <span className="gh-sp" />
        <Button look="quiet" onClick={() => setLang(lang === 'en' ? 'zh-CN' : 'en')}>
          {lang === 'en' ? '中文' : 'EN'}
        </Button>
        <Button look="quiet" onClick={toggle}>
          {t(theme === 'dark' ? 'ui.light' : 'ui.dark')}
        </Button>
      </div>
      <div className={`cols ${accounts.length > 0 ? 'two' : ''}`}>
        <form className="gh-panel card" onSubmit={submit}>
          <h1>{t('login.title')}</h1>
          {box !== '' && (
            <p className="gh-warnt" role="status" data-testid="box-closed">
              {t(`errors.${box}`)}
            </p>
          )}
          <label className="gh-field">
            <span>{t('login.username')}</span>
            <input
              className="gh-input"
              autoComplete="username"
              autoCapitalize="none"
              value={username}
              onChange={(event) => setUsername(event.target.value)}
              data-testid="login-username"
              required
            />
          </label>
          <label className="gh-field">
            <span>{t('login.password')}</span>
            <input
              className="gh-input"
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              data-testid="login-password"
              required
            />
          </label>
          <label className="gh-field">
            <span>{t('login.totp')}</span>
            <input
              className="gh-input"
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={8}
              value={totp}
              onChange={(event) => setTotp(event.target.value)}
              data-testid="login-totp"
            />
            <span>{t('login.totp_hint')}</span>
          </label>
          <Button
            submit
            look="primary"
            className="go"
            busy={busy !== ''}
            data-testid="login-submit"
          >
            {t('login.submit')}
          </Button>
          <Refused refusal={refusal} />
          {silent ? <ErrorNote what={t('login.no_answer')} /> : null}
        </form>
        {accounts.length > 0 ? (
          <section className="gh-panel card" data-testid="demo-accounts">
            <h2>{t('login.demo')}</h2>
            <p className="gh-m">{t('login.demo_hint')}</p>
            <ul>{firsts.map(entry)}</ul>
            {others.length > 0 ? (
              <details className="others">
                <summary>{t('login.demo_others', { n: others.length })}</summary>
                <ul>{others.map(entry)}</ul>
              </details>
            ) : null}
            <p className="gh-warnt">{t('login.demo_data')}</p>
          </section>
        ) : null}
      </div>
      <p className="gh-m foot">{t('login.emergency')}</p>
    </main>
  )
}
